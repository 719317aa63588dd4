/** Personas, their versions, previews and files. */

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
  prompts: { renderer: string; identity: string; text: string; tokens: number; characters: number; searched: number; recall_tokens: number }[];
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
  personas: { persona: Persona; slug: string; twin: string; lint: Lint[]; unknown: string[]; notes: string[] }[];
  count: number;
  known: number;
  saved: PersonaSummary[];
}

export interface Change {
  path: string;
  kind: "added" | "removed" | "changed";
  before: unknown;
  after: unknown;
}
