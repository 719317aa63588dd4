import { describe, expect, it } from "vitest";

import { levelOf, levelWord, percentileOf, percentileWords, traitTitle } from "../src/lib/traits";

describe("traits in words", () => {
  it("has the levels of the Python side", () => {
    expect([-3, -0.5, 0, 1.2, 2].map(levelOf)).toEqual([1, 4, 5, 7, 9]);
    expect([0.25, -0.25, 0.24].map(levelOf)).toEqual([6, 4, 5]);
  });

  it("mirrors", () => {
    for (let z = -4; z <= 4; z += 0.05) expect(levelOf(-z)).toBe(10 - levelOf(z));
  });

  it("knows the normal distribution to a thousandth of a percent", () => {
    expect(percentileOf(0)).toBe(50);
    expect(percentileOf(1)).toBeCloseTo(84.13447, 3);
    expect(percentileOf(-1.959964)).toBeCloseTo(2.5, 3);
    expect(percentileOf(3)).toBeCloseTo(99.8650, 3);
  });

  it("rises", () => {
    let before = -1;
    for (let z = -6; z <= 6; z += 0.1) {
      const now = percentileOf(z);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });

  it("speaks", () => {
    expect(levelWord(-3)).toBe("extremely low");
    expect(levelWord(0)).toBe("average");
    expect(percentileWords(1)).toBe("above 84 % of people");
    expect(percentileWords(4)).toBe("above 99 % of people");
    expect(percentileWords(-4)).toBe("below 99 % of people");
    expect(traitTitle("big_five.extraversion.activity_level")).toBe("Activity level");
  });
});
