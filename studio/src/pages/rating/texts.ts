/** Texts as they are pasted: parted by lines of three dashes, or one a line if there are none. */
export function textsOf(pasted: string): string[] {
  const parts = /^\s*---+\s*$/m.test(pasted) ? pasted.split(/^\s*---+\s*$/m) : pasted.split(/\r?\n/);
  return parts.map((part) => part.trim()).filter(Boolean);
}

export interface RatedText {
  text: string;
  group?: string;
}

/** The texts of two named groups; without a second group, the first has no name. */
export function groupedTexts(first: string, firstName: string, second: string, secondName: string): RatedText[] {
  const a = textsOf(first);
  const b = textsOf(second);
  if (b.length === 0) return a.map((text) => ({ text }));
  return [...a.map((text) => ({ text, group: firstName.trim() || "first" })), ...b.map((text) => ({ text, group: secondName.trim() || "second" }))];
}
