/** Runs: how they are started, how far they are, what they found. */

import type { Page } from "./shared";

export interface Progress {
  done: number;
  total: number | null;
  resumed: number;
  statuses: Record<string, number>;
  calls: number;
  cached_calls: number;
  failed_calls: number;
  input_tokens: number;
  output_tokens: number;
  cost: number | null;
  seconds: number;
  eta: number | null;
  waiting_for: string;
}

export interface Run {
  id: string;
  kind: "paper" | "instrument" | "other";
  key: string;
  title: string;
  model: string;
  created: number;
  state: "running" | "stopping" | "complete" | "stopped" | "failed" | "interrupted";
  detail: string;
  is_simulated: boolean;
  progress: Progress | null;
  has_report: boolean;
}

export interface Experiment {
  kind: "paper" | "instrument";
  key: string;
  number: number | null;
  title: string;
  year: number | null;
  summary: string;
  runs: boolean;
}

export interface JsonSchema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  format?: string;
}

export interface ExperimentDetail {
  kind: "paper" | "instrument";
  key: string;
  title: string;
  summary: string;
  link: string;
  parameters: JsonSchema;
  /** Parameters that only the command line sets, with what they are. */
  elsewhere: Record<string, string>;
  roles: Record<string, string>;
  full: Record<string, unknown>;
  takes_people: boolean;
  claims: { name: string; subject: string; value: number; where: string; confidence: string }[];
}

export interface Start {
  kind: string;
  key: string;
  parameters: Record<string, unknown>;
  models?: Record<string, string>;
  people?: string[];
  seed?: number;
  limit?: number;
  cost_limit?: number;
  confirm?: boolean;
}

export interface RunEstimate {
  /** Dollars that were spent already, and that are expected yet; unknown where a price is. */
  spent: number;
  ahead: number | null;
  cells: number | null;
  tried: number;
  tokens: number;
  cost: number | null;
  roles: { role: string; model: string; calls: number; input_tokens: number; output_tokens: number; cost: number | null }[];
  needs_confirmation: boolean;
  confirm_above: number;
}

export interface Finding {
  name: string;
  subject: string;
  estimate: number | null;
  low: number | null;
  high: number | null;
  n: number;
  missing: number;
  unit: string;
  method: string;
  conventions: string[];
  p_value: number | null;
  p_adjusted: number | null;
  family: string;
  note: string;
}

export interface Comparison {
  name: string;
  published: number;
  published_for: string;
  where: string;
  confidence: string;
  subject: string;
  estimate: number | null;
  difference: number | null;
  is_within_interval: boolean;
  note: string;
}

export interface Findings {
  is_simulated: boolean;
  cells: number;
  expected_cells: number | null;
  statuses: Record<string, number>;
  findings: Finding[];
  comparisons: Comparison[];
}

export interface CellRow {
  cell: string;
  status: string;
  detail: string;
  factors: Record<string, unknown>;
  finished: number;
}

export interface CellPage extends Page<CellRow> {
  /** Cells by status, whatever was asked for. */
  statuses: Record<string, number>;
  /** Observations that were looked through so far, and how many there are. */
  looked_at: number;
  of: number;
  is_all: boolean;
}

export interface CellDetail extends CellRow {
  values: Record<string, unknown>;
  transcript: { role: string; content: string }[];
  calls: {
    role: string;
    model: string;
    request: { messages: { role: string; content: string }[]; sampling: Record<string, unknown> };
    text: string;
    error: string;
    cost: number | null;
    seconds: number;
    is_cached: boolean;
  }[];
}

export interface Compared {
  /** By run, what is not the same in all: parameters, seed, models by role. */
  differs: Record<string, Record<string, string>>;
  runs: Run[];
  findings: {
    name: string;
    unit: string;
    conventions: string[];
    by_run: Record<string, { subject: string; estimate: number | null; low: number | null; high: number | null; n: number }>;
  }[];
}

export interface RunFile {
  name: string;
  bytes: number;
  title: string;
}
