import type { ChatMessage, Source } from "../../api/types";

/** One answer place in a turn: the versions that one seat gave there, and which is shown. */
export interface Answer {
  seat: string;
  versions: ChatMessage[];
  shown: ChatMessage;
  isOnPath: boolean;
}

export type Turn =
  | { kind: "said"; message: ChatMessage; versions: ChatMessage[] }
  | { kind: "answers"; parent: string | null; answers: Answer[] };

function childrenOf(messages: ChatMessage[]): Map<string | null, ChatMessage[]> {
  const children = new Map<string | null, ChatMessage[]>();
  for (const message of messages) {
    const siblings = children.get(message.parent);
    if (siblings) siblings.push(message);
    else children.set(message.parent, [message]);
  }
  return children;
}

/** The deepest message below one, by the newest child each time: where a branch goes on. */
export function deepest(messages: ChatMessage[], id: string): string {
  const children = childrenOf(messages);
  let at = id;
  for (;;) {
    const last = children.get(at)?.at(-1);
    if (!last) return at;
    at = last.id;
  }
}

/** Messages from the first to the leaf; an unknown leaf means the newest message. */
export function pathTo(messages: ChatMessage[], leaf: string | null): ChatMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: ChatMessage[] = [];
  const seen = new Set<string>();
  let at = (leaf === null ? undefined : byId.get(leaf)) ?? messages.at(-1);
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    path.unshift(at);
    at = at.parent === null ? undefined : byId.get(at.parent);
  }
  return path;
}

/**
 * The shown branch as turns: what people said, and the answers of all seats to it side by side.
 *
 * `picked` names the version that is looked at, for seats whose answer is not on the path.
 */
export function turns(messages: ChatMessage[], leaf: string | null, picked: Record<string, string> = {}): Turn[] {
  const children = childrenOf(messages);
  const path = pathTo(messages, leaf);
  const shown: Turn[] = [];
  const answersBelow = (parent: string | null, onPath: ChatMessage | null): Turn | null => {
    const siblings = (children.get(parent) ?? []).filter((message) => message.role === "assistant");
    if (siblings.length === 0) return null;
    const seats = [...new Set(siblings.map((message) => message.seat))];
    const answers = seats.map((seat) => {
      const versions = siblings.filter((message) => message.seat === seat);
      const isOnPath = onPath?.seat === seat;
      const wanted = isOnPath ? onPath.id : picked[`${parent}/${seat}`];
      const one = versions.find((message) => message.id === wanted) ?? versions.at(-1);
      return one ? { seat, versions, shown: one, isOnPath } : null;
    });
    return { kind: "answers", parent, answers: answers.filter((answer) => answer !== null) };
  };
  path.forEach((message, index) => {
    if (message.role === "assistant") {
      const turn = answersBelow(message.parent, message);
      if (turn) shown.push(turn);
    } else {
      const versions = (children.get(message.parent) ?? []).filter((other) => other.role === "user" && other.seat === message.seat);
      shown.push({ kind: "said", message, versions });
      // Answers to the last thing said that nobody has gone on from.
      const isLast = index === path.length - 1;
      const turn = isLast ? answersBelow(message.id, null) : null;
      if (turn) shown.push(turn);
    }
  });
  return shown;
}

/** Sources by what they are: each passage once, with a number, however many sentences rest on it. */
export function numbered(sources: Source[]): { source: Source; number: number; sentences: number }[] {
  const found = new Map<string, { source: Source; number: number; sentences: number }>();
  for (const source of sources) {
    const key = `${source.path}\n${source.text}`;
    const known = found.get(key);
    if (known) known.sentences += 1;
    else found.set(key, { source, number: found.size + 1, sentences: 1 });
  }
  return [...found.values()];
}

/** Puts numbered marks after the sentences that a source supports; inside code there are none. */
export function withMarks(text: string, sources: Source[]): string {
  const numbers = new Map(numbered(sources).map((one) => [`${one.source.path}\n${one.source.text}`, one.number]));
  const marks = sources
    .map((source) => ({ at: Math.max(0, Math.min(text.length, source.end)), number: numbers.get(`${source.path}\n${source.text}`) ?? 0 }))
    .sort((a, b) => b.at - a.at || b.number - a.number);
  let marked = text;
  for (const { at, number } of marks) {
    const before = text.slice(0, at);
    const isInCode = (before.match(/```/g)?.length ?? 0) % 2 === 1 || (before.slice(before.lastIndexOf("\n") + 1).match(/`/g)?.length ?? 0) % 2 === 1;
    if (!isInCode) marked = `${marked.slice(0, at)} [${number}](#source-${number})${marked.slice(at)}`;
  }
  return marked;
}
