/** Shapes of the studio's backend, as its answers come. */

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number | null;
}

export interface Session {
  user: string | null;
  needs_key: boolean;
  version: string;
  default_model: string;
  models: { name: string; is_simulated: boolean }[];
  renderers: { key: string; version: number; summary: string; source: string }[];
  limits: { upload_bytes: number; message_characters: number };
  confirm_above: number;
}

export interface Provenance {
  origin?: "given" | "sampled" | "inferred" | "written";
  by?: string;
  confidence?: number | null;
  consent?: string;
  licence?: string;
  note?: string;
}

/** A persona as personae writes it; empty fields may be absent. */
export interface Persona {
  id?: string;
  name?: string;
  description?: string;
  traits?: Record<string, number>;
  abilities?: { ability: string; constraint?: string }[];
  provenance?: Record<string, Provenance>;
  [field: string]: unknown;
}

export interface Lint {
  severity: "error" | "warning" | "hint";
  path: string;
  message: string;
  fix: { path: string; value: unknown } | null;
}

export interface PersonaSummary {
  slug: string;
  id: string;
  name: string;
  description: string;
  version: number;
  versions: number;
  hash: string;
  updated: number;
  tags: string[];
  model_id: string;
  avatar: string;
}

export interface PersonaDetail extends PersonaSummary {
  created: number;
  persona: Persona;
  lint: Lint[];
}

export interface Preview {
  hash: string;
  prompts: { renderer: string; identity: string; text: string; tokens: number; characters: number }[];
  tokens_method: string;
  lint: Lint[];
  traits: { key: string; title: string; z: number; level: number; words: string; percentile: number }[];
  avatar_svg: string;
}

export interface DimensionField {
  path: string;
  title: string;
  kind: "text" | "long_text" | "number" | "list" | "pairs" | "traits" | "abilities" | "memories" | "model";
  hint: string;
}

export interface Dimension {
  key: string;
  title: string;
  about: string;
  fields: DimensionField[];
}

export interface TraitInfo {
  key: string;
  title: string;
  low: string;
  high: string;
  group: string;
  parent: string | null;
}

export interface PersonaSchema {
  persona: unknown;
  traits: TraitInfo[];
  levels: { level: number; z: number; qualifier: string }[];
  dimensions: Dimension[];
}

export interface Format {
  key: string;
  title: string;
  extension: string;
  media_type: string;
  can_import: boolean;
  can_export: boolean;
}

export interface Imported {
  format: string;
  personas: { persona: Persona; slug: string; lint: Lint[]; unknown: string[]; notes: string[] }[];
  saved: PersonaSummary[];
}

export interface Change {
  path: string;
  kind: "added" | "removed" | "changed";
  before: unknown;
  after: unknown;
}

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
  reading: { grade: number | null; words: number } | null;
  recalled: Recalled | null;
  worn_phrases?: WornPhrase[];
  is_simulated: boolean;
}

export interface ConversationDetail extends Conversation {
  messages: ChatMessage[];
}

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

export interface Population {
  id: string;
  title: string;
  size: number;
  created: number;
  source: string;
  simulated: boolean;
}

export interface PopulationDetail extends Population {
  columns: { name: string; kind: "number" | "category"; missing: number }[];
}

export interface Distribution {
  column: string;
  kind: "number" | "category";
  n: number;
  missing: number;
  bins: { low: number; high: number; count: number }[] | null;
  categories: { value: string; count: number; target: number | null }[] | null;
  mean: number | null;
  sd: number | null;
}

export interface PopulationMap {
  method: string;
  note: string;
  points: { id: string; x: number; y: number; color: string | number | null }[];
}

export interface PersonRow {
  id: string;
  name: string;
  values: Record<string, string | number | null>;
}

export interface Form {
  key: string;
  title: string;
  version: string;
  instructions: string;
  stem: string;
  options: { value: number; label: string }[];
  items: { id: string; text: string }[];
}

export interface InstrumentSummary {
  key: string;
  title: string;
  version: string;
  language: string;
  citation: string;
  items: number;
  scales: string[];
  licence: { name: string; is_commercial_use_free: boolean };
  has_texts: boolean;
}

export interface InstrumentDetail extends Form {
  scales: { key: string; title: string; items: number | string[]; reverse: number | string[]; trait: string; norms: unknown[] }[];
  citation: string;
  source: string;
  licence: { name: string; is_commercial_use_free: boolean };
}

export interface Scored {
  person: string;
  scales: {
    key: string;
    title: string;
    score: number | null;
    lowest: number;
    highest: number;
    norm: { group: string; percentile: number; z: number } | null;
  }[];
  answered: number;
  items: number;
}

export interface Baseline {
  n: number;
  scales: { key: string; title: string; mean: number | null; sd: number | null; n: number }[];
  run: string | null;
}

export interface Link {
  token: string;
  url: string;
  kind: string;
  target: string;
  title: string;
  consent: string;
  most: number | null;
  used: number;
  created: number;
}

export interface Estimate {
  estimate: number | null;
  low: number | null;
  high: number | null;
  n: number;
  missing: number;
}

export interface Agreement {
  raters: number;
  tasks: number;
  answers: number;
  alpha: Estimate | null;
  percent: Estimate | null;
  method: string;
  note: string;
}

export interface Scale {
  lowest: number;
  highest: number;
  low_label: string;
  high_label: string;
}

export interface RatingSet {
  id: string;
  title: string;
  kind: "pairwise" | "likert";
  question: string;
  scale: Scale | null;
  created: number;
  tasks: number;
  raters: number;
  answers: number;
}

export interface RatingResult {
  group?: string;
  id?: string;
  wins?: number;
  losses?: number;
  ties?: number;
  share?: Estimate;
  mean?: number | null;
  sd?: number | null;
  n?: number;
}

export interface RatingDetail extends RatingSet {
  agreement: Agreement;
  results: RatingResult[];
}

export interface RatingTask {
  id: string;
  number: number;
  total: number;
  question: string;
  texts: { label: "A" | "B"; text: string }[];
  scale: Scale | null;
}

export interface NextTask {
  task: RatingTask | null;
  done: number;
  total: number;
}
