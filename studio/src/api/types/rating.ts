/** Rating tasks, answers and agreement. */

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
