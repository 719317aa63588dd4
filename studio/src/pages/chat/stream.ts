import type { QueryClient } from "@tanstack/react-query";

import { api, Problem } from "../../api/client";
import type { ChatMessage, ConversationDetail } from "../../api/types";

/** A conversation with a message put in, or put in the place of the one of the same id. */
export function withMessage(conversation: ConversationDetail, message: ChatMessage): ConversationDetail {
  const at = conversation.messages.findIndex((one) => one.id === message.id);
  const messages = at < 0 ? [...conversation.messages, message] : conversation.messages.map((one) => (one.id === message.id ? message : one));
  return { ...conversation, messages };
}

/** A conversation with more text in a message that is still being written. */
export function withText(conversation: ConversationDetail, pieces: ReadonlyMap<string, string>): ConversationDetail {
  return {
    ...conversation,
    messages: conversation.messages.map((one) => {
      const piece = pieces.get(one.id);
      return piece === undefined ? one : { ...one, text: one.text + piece };
    }),
  };
}

/** Posts, and lets the answers grow in the kept conversation as they come; pieces are drawn once a frame. */
export async function streamInto(client: QueryClient, id: string, path: string, body: unknown, signal: AbortSignal, onTaken: () => void = () => undefined): Promise<void> {
  const key = ["conversation", id];
  const update = (change: (now: ConversationDetail) => ConversationDetail) =>
    client.setQueryData<ConversationDetail>(key, (now) => (now ? change(now) : now));
  let pieces = new Map<string, string>();
  let timer = 0;
  const draw = () => {
    clearTimeout(timer);
    timer = 0;
    if (pieces.size === 0) return;
    const taken = pieces;
    pieces = new Map();
    update((now) => withText(now, taken));
  };
  try {
    for await (const event of api.stream(path, body, signal)) {
      const data = JSON.parse(event.data) as { message?: ChatMessage; id?: string; text?: string; leaf?: string; error?: Record<string, string> };
      if (event.event === "delta" && data.id !== undefined) {
        pieces.set(data.id, (pieces.get(data.id) ?? "") + (data.text ?? ""));
        if (!timer) timer = setTimeout(draw, 40);
        continue;
      }
      draw();
      if (event.event === "message" || event.event === "start") onTaken();
      const { message, leaf } = data;
      if (message) {
        update((now) => {
          const next = withMessage(now, message);
          return event.event === "message" ? { ...next, leaf: message.id } : next;
        });
      }
      if (event.event === "end" && leaf) update((now) => ({ ...now, leaf }));
      if (event.event === "error" && data.error) throw new Problem(data.error.code ?? "model", data.error.message ?? "The answer failed", data.error.where, data.error.remedy);
    }
  } finally {
    draw();
  }
}
