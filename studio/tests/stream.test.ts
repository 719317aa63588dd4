import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { ChatMessage, ConversationDetail } from "../src/api/types";
import { streamInto, withMessage, withText } from "../src/pages/chat/stream";

function message(id: string, text = "", status: ChatMessage["status"] = "streaming"): ChatMessage {
  return { id, parent: null, seat: "ada", role: "assistant", text, status, error: "", created: 0, model: "sim", seconds: 0, usage: null, cost: null, adherence: null, sources: [], recalled: null, reading: null, is_simulated: true };
}

const EMPTY: ConversationDetail = { id: "c", title: "", created: 0, updated: 0, seats: [], leaf: null, messages: [] };

afterEach(() => vi.unstubAllGlobals());

function answering(text: string, status = 200): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(text, { status })));
}

describe("a streamed answer", () => {
  it("puts a message in, and in the place of its earlier self", () => {
    const once = withMessage(EMPTY, message("a"));
    expect(withMessage(once, message("a", "whole", "done")).messages.map((one) => one.text)).toEqual(["whole"]);
    expect(withText(once, new Map([["a", "x"], ["b", "y"]])).messages[0]?.text).toBe("x");
  });

  it("grows in the conversation and ends as the server says", async () => {
    const client = new QueryClient();
    client.setQueryData(["conversation", "c"], EMPTY);
    const frame = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    answering(
      frame("message", { message: { ...message("u", "hi", "done"), role: "user" } }) +
        frame("start", { message: message("a") }) +
        frame("delta", { id: "a", text: "good " }) +
        frame("delta", { id: "a", text: "day" }) +
        frame("done", { message: message("a", "good day", "done") }) +
        frame("end", { leaf: "a" }),
    );
    await streamInto(client, "c", "/api/x", {}, new AbortController().signal);
    const now = client.getQueryData<ConversationDetail>(["conversation", "c"]);
    expect(now?.messages.map((one) => [one.text, one.status])).toEqual([["hi", "done"], ["good day", "done"]]);
    expect(now?.leaf).toBe("a");
  });

  it("keeps what came before the line broke", async () => {
    const client = new QueryClient();
    client.setQueryData(["conversation", "c"], { ...EMPTY, messages: [message("a")] });
    answering('event: delta\ndata: {"id":"a","text":"half"}\n\nevent: delta\ndata: {"id":"a"');
    await streamInto(client, "c", "/api/x", {}, new AbortController().signal);
    expect(client.getQueryData<ConversationDetail>(["conversation", "c"])?.messages[0]?.text).toBe("half");
  });

  it("says what the server says when it refuses", async () => {
    const client = new QueryClient();
    answering('{"error":{"code":"too_large","message":"too long","where":"text","remedy":"say less"}}', 413);
    await expect(streamInto(client, "c", "/api/x", {}, new AbortController().signal)).rejects.toMatchObject({ code: "too_large", remedy: "say less", status: 413 });
  });
});
