/** Populations and their people. */

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
