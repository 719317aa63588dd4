import { describe, expect, it } from "vitest";

import type { ChatMessage, Source } from "../src/api/types";
import { deepest, numbered, pathTo, turns, withMarks } from "../src/pages/chat/tree";
import { freeName, modelTitle } from "../src/pages/chat/seats";

function message(id: string, parent: string | null, seat: string, role: "user" | "assistant" = seat === "you" ? "user" : "assistant"): ChatMessage {
  return { id, parent, seat, role, text: id, status: "done", error: "", created: 0, model: "sim", seconds: 1, usage: null, cost: null, adherence: null, sources: [], recalled: null, reading: null, is_simulated: true };
}

// you: hello -> ada and bob answer (ada twice); you go on from ada's second answer; an edited hello has its own answer.
const MESSAGES = [
  message("hello", null, "you"),
  message("ada-1", "hello", "ada"),
  message("bob-1", "hello", "bob"),
  message("ada-2", "hello", "ada"),
  message("more", "ada-2", "you"),
  message("ada-3", "more", "ada"),
  message("hello-2", null, "you"),
  message("ada-4", "hello-2", "ada"),
];

describe("a conversation as a tree", () => {
  it("walks from the first message to the leaf", () => {
    expect(pathTo(MESSAGES, "ada-3").map((one) => one.id)).toEqual(["hello", "ada-2", "more", "ada-3"]);
    expect(pathTo(MESSAGES, "nobody").map((one) => one.id)).toEqual(["hello-2", "ada-4"]);
    expect(pathTo([], null)).toEqual([]);
  });

  it("does not run in circles on a damaged tree", () => {
    expect(pathTo([message("a", "b", "you"), message("b", "a", "you")], "a").map((one) => one.id)).toEqual(["b", "a"]);
  });

  it("shows answers of all seats side by side, each with its versions", () => {
    const [said, answers, more, last] = turns(MESSAGES, "ada-3");
    expect(said?.kind === "said" && said.versions.map((one) => one.id)).toEqual(["hello", "hello-2"]);
    if (answers?.kind !== "answers") throw new Error("answers expected");
    expect(answers.answers.map((one) => [one.seat, one.shown.id, one.isOnPath, one.versions.length])).toEqual([["ada", "ada-2", true, 2], ["bob", "bob-1", false, 1]]);
    expect(more?.kind).toBe("said");
    expect(last?.kind === "answers" && last.answers.map((one) => one.shown.id)).toEqual(["ada-3"]);
  });

  it("shows the version that the leaf goes through", () => {
    const [, answers] = turns(MESSAGES, "ada-1");
    expect(answers?.kind === "answers" && answers.answers[0]?.shown.id).toBe("ada-1");
  });

  it("shows answers to the last thing said before one of them is chosen", () => {
    const shown = turns(MESSAGES, "hello", { "hello/ada": "ada-1" });
    expect(shown).toHaveLength(2);
    expect(shown[1]?.kind === "answers" && shown[1].answers.map((one) => [one.shown.id, one.isOnPath])).toEqual([["ada-1", false], ["bob-1", false]]);
  });

  it("follows a branch to its newest end", () => {
    expect(deepest(MESSAGES, "hello")).toBe("ada-3");
    expect(deepest(MESSAGES, "hello-2")).toBe("ada-4");
    expect(deepest(MESSAGES, "ada-3")).toBe("ada-3");
  });

  it("lets a seat react to another's answer", () => {
    const shown = turns([...MESSAGES.slice(0, 3), message("bob-2", "ada-1", "bob")], "bob-2");
    expect(shown.map((turn) => turn.kind)).toEqual(["said", "answers", "answers"]);
  });
});

describe("marks of sources", () => {
  const source = (end: number, path = "a"): Source => ({ start: 0, end, path, text: "", score: 1 });

  it("stand after their sentences, numbered as listed", () => {
    expect(withMarks("I am Ada. I mend radios.", [source(9), source(24, "b")])).toBe("I am Ada. [1](#source-1) I mend radios. [2](#source-2)");
  });

  it("give a passage one number, however many sentences rest on it", () => {
    const sources = [source(9), source(24), source(30, "b")];
    expect(withMarks("I am Ada. I mend radios. Bye.", sources)).toBe("I am Ada. [1](#source-1) I mend radios. [1](#source-1) Bye. [2](#source-2)");
    expect(numbered(sources).map((one) => [one.source.path, one.number, one.sentences])).toEqual([["a", 1, 2], ["b", 2, 1]]);
  });

  it("keep out of code and within the text", () => {
    expect(withMarks("see ```x = 1``` now", [source(9)])).toBe("see ```x = 1``` now");
    expect(withMarks("use `a b` now", [source(6)])).toBe("use `a b` now");
    expect(withMarks("short", [source(99)])).toBe("short [1](#source-1)");
  });

  it("keep their order where two end together", () => {
    expect(withMarks("Yes.", [source(4), source(4, "b")])).toBe("Yes. [1](#source-1) [2](#source-2)");
  });
});

describe("modelTitle", () => {
  it("leaves the address of an endpoint out", () => {
    expect(modelTitle("http://127.0.0.1:8000/v1#qwen/qwen3-8b")).toBe("qwen/qwen3-8b");
    expect(modelTitle("openai/gpt-4o")).toBe("openai/gpt-4o");
    expect(modelTitle("https://host/v1")).toBe("https://host/v1");
  });
});

describe("freeName", () => {
  it("numbers a name that is taken", () => {
    expect(freeName("Ada", [])).toBe("Ada");
    expect(freeName("Ada", ["Ada", "Ada 2"])).toBe("Ada 3");
  });
});
