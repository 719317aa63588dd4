/** Conversations: who sits in them and what was said. */

/** What a prompt has of memories and knowledge: what is found for the reply, all, or nothing. */
export type RecallMode = "found" | "whole" | "none";

export type ReadingLevel = "free" | "easy" | "plain" | "expert";

export interface Seat {
  id: string;
  kind: "persona" | "model" | "human";
  name: string;
  persona: string | null;
  version: number | null;
  model: string | null;
  renderer: string;
  sampling: { temperature?: number; top_p?: number; max_tokens?: number; seed?: number };
  reading_level: ReadingLevel;
  recall: RecallMode;
}

export interface Conversation {
  id: string;
  title: string;
  created: number;
  updated: number;
  seats: Seat[];
  leaf: string | null;
}

export interface Adherence {
  score: number | null;
  traits: { key: string; title: string; wanted: number; heard: number | null; agrees: boolean | null }[];
  method: string;
  note: string;
}

export interface Source {
  start: number;
  end: number;
  path: string;
  text: string;
  score: number;
  by?: string;
  licence?: string;
}

/** What a persona was given to draw on for one reply. */
export interface Recalled {
  how: "words" | "vectors" | "importance" | "whole" | "none";
  among: number;
  tokens: number;
  passages: { path: string; text: string; start: number; end: number; score: number; by: string; licence: string }[];
  trouble?: string;
}

export interface WornPhrase {
  start: number;
  end: number;
  text: string;
  kind: "stereotype" | "deficit";
  remedy: string;
}

export interface ChatMessage {
  id: string;
  parent: string | null;
  seat: string;
  role: "user" | "assistant";
  text: string;
  status: "done" | "streaming" | "stopped" | "failed";
  error: string;
  created: number;
  model: string;
  seconds: number;
  usage: { input_tokens: number; output_tokens: number } | null;
  cost: number | null;
  adherence: Adherence | null;
  sources: Source[];
  reading: { grade: number | null; words: number; most?: number | null } | null;
  recalled: Recalled | null;
  /** How the seat stood when it answered; older answers do not tell. */
  played?: { name?: string; persona: string | null; version: number | null; renderer: string; reading_level: ReadingLevel; recall: RecallMode } | null;
  finish?: string | null;
  worn_phrases?: WornPhrase[];
  is_simulated: boolean;
}

export interface ConversationDetail extends Conversation {
  messages: ChatMessage[];
}
