import { pathWords } from "../../lib/paths";

/** Columns in words: the last word of each path, or the whole path where two would read alike. */
export function columnTitles(names: readonly string[]): (name: string) => string {
  const short = (name: string) => {
    const words = name.slice(name.lastIndexOf(".") + 1).replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
  };
  const seen = new Map<string, number>();
  for (const name of names) seen.set(short(name), (seen.get(short(name)) ?? 0) + 1);
  return (name) => ((seen.get(short(name)) ?? 0) > 1 ? pathWords(name.replace(/^(traits)\.([a-z_]+)\./, "$1 of $2.")) : short(name));
}
