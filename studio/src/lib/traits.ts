/** Traits as z-scores and the words for them: the same conventions as the Python side (half an SD a level). */

export const LEVEL_WORDS = [
  "extremely low",
  "very low",
  "low",
  "a bit low",
  "average",
  "a bit high",
  "high",
  "very high",
  "extremely high",
] as const;

/** Level 1 to 9 of a z-score; half-way values go away from the middle on both sides. */
export function levelOf(z: number): number {
  const steps = Math.floor(Math.abs(z) / 0.5 + 0.5);
  return Math.max(1, Math.min(9, 5 + Math.sign(z) * steps));
}

export function levelWord(z: number): string {
  return LEVEL_WORDS[levelOf(z) - 1] ?? "average";
}

/** Share of the population below a z-score, in percent (normal distribution; Abramowitz and Stegun 7.1.26). */
export function percentileOf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const erf = 1 - series * Math.exp(-x * x);
  return 50 * (1 + Math.sign(z) * erf);
}

export function percentileWords(z: number): string {
  const percentile = percentileOf(z);
  if (percentile < 1) return "below 99 % of people";
  if (percentile > 99) return "above 99 % of people";
  return `above ${Math.round(percentile)} % of people`;
}

export function traitTitle(key: string): string {
  const word = key.slice(key.lastIndexOf(".") + 1).replaceAll("_", " ");
  return word.charAt(0).toUpperCase() + word.slice(1);
}
