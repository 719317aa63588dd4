import { describe, expect, it } from "vitest";

import { address, Problem, problemOf } from "../src/api/client";
import { ago, bytes, duration, figure, money, plural } from "../src/lib/words";
import { groupedTexts, textsOf } from "../src/pages/rating/texts";

describe("figures for readers", () => {
  it("has a real minus sign and says nothing of what is no number", () => {
    expect(figure(-0.5)).toBe("−0.50");
    expect([figure(0), figure(0.003), figure(-0.0004), figure(0.0051)]).toEqual(["0.00", "0.003", "−0.0004", "0.01"]);
    expect(figure(null)).toBe("–");
    expect(figure(Number.NaN)).toBe("–");
    expect(figure(12345.6)).toBe("12,346");
  });

  it("does not call a small cost nothing, nor an unknown one", () => {
    expect(money(0)).toBe("$0.00");
    expect(money(0.0001)).toBe("under $0.01");
    expect(money(null)).toBe("unknown");
    expect(money(12.5)).toBe("$12.50");
  });

  it("counts, measures and dates", () => {
    expect(plural(1, "person", "people")).toBe("1 person");
    expect(plural(1000000, "cell")).toBe("1,000,000 cells");
    expect(duration(0.2)).toBe("under 1 s");
    expect(duration(600)).toBe("10 min");
    expect(bytes(2048)).toBe("2.0 kB");
    expect(ago(1000, 1000_000 + 5 * 60_000)).toBe("5 min ago");
    expect(ago(null)).toBe("–");
  });
});

describe("talking with the server", () => {
  it("leaves empty values out of an address", () => {
    expect(address("/api/x", { q: "", limit: 3, cursor: null, a: "b c" })).toBe("/api/x?limit=3&a=b+c");
    expect(address("/api/x", {})).toBe("/api/x");
  });

  it("tells a server that is away from one that says no", () => {
    expect(problemOf(new TypeError("Failed to fetch")).code).toBe("offline");
    const refused = new Problem("conflict", "taken");
    expect(problemOf(refused)).toBe(refused);
    expect(problemOf("odd").message).toBe("odd");
  });
});

describe("texts to be rated", () => {
  it("are lines, or parts between dashes", () => {
    expect(textsOf("one\n\ntwo\r\n")).toEqual(["one", "two"]);
    expect(textsOf("one\nstill one\n---\ntwo")).toEqual(["one\nstill one", "two"]);
    expect(textsOf("  ")).toEqual([]);
  });

  it("get the name of their group when there are two", () => {
    expect(groupedTexts("a", "x", "", "y")).toEqual([{ text: "a" }]);
    expect(groupedTexts("a", "x", "b", "")).toEqual([{ text: "a", group: "x" }, { text: "b", group: "second" }]);
  });
});
