/** Populations and their people. */

/** Where the weights of people come from, and what they cost. */
export interface Weighting {
  origin: string;
  effective_n: number;
  design_effect: number;
  largest_error?: number;
}

export interface Population {
  id: string;
  title: string;
  size: number;
  created: number;
  source: string;
  simulated: boolean;
  weighting: Weighting | null;
}

export interface PopulationDetail extends Population {
  columns: { name: string; kind: "number" | "category"; missing: number }[];
  targets: Record<string, Record<string, number>>;
}

export interface Distribution {
  column: string;
  kind: "number" | "category";
  n: number;
  missing: number;
  bins: { low: number; high: number; count: number; share: number }[] | null;
  categories: { value: string; count: number; share: number; target: number | null; low: number | null; high: number | null }[] | null;
  is_weighted: boolean;
  effective_n: number;
  /** Share of people who would have to change for the wanted shares. */
  total_variation: number | null;
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
  weight: number;
  values: Record<string, string | number | null>;
}
