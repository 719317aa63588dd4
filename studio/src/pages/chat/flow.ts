import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { api, Problem, problemOf } from "../../api/client";
import type { ChatMessage, ConversationDetail } from "../../api/types";
import { streamInto, withMessage } from "./stream";

const FOLLOWED_EVERY = 700;

/** Tells the other tabs of this browser that a conversation changed, and is told by them. */
function useOtherTabs(id: string, onChanged: () => void): () => void {
  const channel = useRef<BroadcastChannel | null>(null);
  const changed = useRef(onChanged);
  changed.current = onChanged;
  useEffect(() => {
    const opened = new BroadcastChannel("personae.chat");
    channel.current = opened;
    opened.onmessage = (event: MessageEvent<string>) => { if (event.data === id) changed.current(); };
    return () => { channel.current = null; opened.close(); };
  }, [id]);
  return useCallback(() => channel.current?.postMessage(id), [id]);
}

export interface Flow {
  /** Whether an answer is being written, asked for here, in another tab, or before a reload. */
  isWriting: boolean;
  problem: Problem | null;
  setProblem: (problem: Problem | null) => void;
  /** Posts, and lets the answers grow; gives whether the server took it. */
  stream: (path: string, body: unknown) => Promise<boolean>;
  stop: () => void;
  /** Says to other tabs that something changed. */
  tell: () => void;
}

/** Answers while they are written. Leaving the page leaves them be; coming back follows them to their end. */
export function useFlow(id: string, conversation: ConversationDetail | undefined, onChanged: () => void): Flow {
  const client = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const flow = useRef<AbortController | null>(null);
  const tell = useOtherTabs(id, () => { if (!flow.current) void client.invalidateQueries({ queryKey: ["conversation", id] }); });

  const stream = useCallback(async (path: string, body: unknown) => {
    if (flow.current) return false;
    const control = new AbortController();
    flow.current = control;
    let isTaken = false;
    setBusy(true);
    setProblem(null);
    try {
      await streamInto(client, id, path, body, control.signal, () => { isTaken = true; tell(); });
    } catch (error) {
      if (!control.signal.aborted) setProblem(problemOf(error));
    } finally {
      flow.current = null;
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["conversation", id] });
      tell();
      onChanged();
    }
    return isTaken;
  }, [client, id, onChanged, tell]);

  const stop = useCallback(() => {
    const now = client.getQueryData<ConversationDetail>(["conversation", id]);
    for (const message of now?.messages ?? []) {
      if (message.status === "streaming") void api.post(`/api/conversations/${id}/messages/${message.id}/stop`).catch(() => undefined);
    }
    window.setTimeout(() => flow.current?.abort(), 400); // the server ends the stream itself; this is for when it does not
  }, [client, id]);
  useEffect(() => () => flow.current?.abort(), []);

  const left = isBusy ? "" : (conversation?.messages ?? []).filter((message) => message.status === "streaming").map((message) => message.id).join(" ");
  useEffect(() => {
    if (!left) return;
    let isGone = false;
    const follow = async () => {
      for (const one of left.split(" ")) {
        const message = await api.get<ChatMessage>(`/api/conversations/${id}/messages/${one}`).catch(() => null);
        if (isGone || !message) continue;
        client.setQueryData<ConversationDetail>(["conversation", id], (now) => (now ? withMessage(now, message) : now));
        setProblem((now) => (now?.code === "offline" ? null : now)); // the server is back
        if (message.status !== "streaming") onChanged();
      }
    };
    const timer = window.setInterval(() => void follow(), FOLLOWED_EVERY);
    return () => { isGone = true; window.clearInterval(timer); };
  }, [left, id, client, onChanged]);

  const isWriting = isBusy || left !== "";
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && isWriting && !event.defaultPrevented && !document.querySelector("dialog[open]")) stop();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [stop, isWriting]);

  return { isWriting, problem, setProblem, stream, stop, tell };
}
