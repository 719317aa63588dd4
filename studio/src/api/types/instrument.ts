/** Instruments, the links that invite to them, and what people answered. */

export interface AnswerOption {
  value: number;
  label: string;
}

export interface Form {
  key: string;
  title: string;
  version: string;
  instructions: string;
  stem: string;
  options: AnswerOption[];
  items: { id: string; text: string; options: AnswerOption[] | null }[];
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
  has_texts: boolean;
  how_to_fill: string;
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
  ends: number | null;
  is_open: boolean;
}
