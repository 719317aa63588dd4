import type { JsonSchema } from "../api/types";

/** How a parameter is asked for. */
export interface FormField {
  name: string;
  title: string;
  about: string;
  kind: "switch" | "choice" | "some" | "upload" | "integer" | "number" | "text" | "long_text" | "lines" | "json";
  isOptional: boolean;
  /** A text that is sent to models, such as a prompt. */
  isWording: boolean;
  isRequired: boolean;
  standard: unknown;
  choices: unknown[];
  least: number | null;
  most: number | null;
}

function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    const { $ref: _, ...rest } = schema;
    return { ...resolved(root.$defs?.[name] ?? {}, root), ...rest };
  }
  const only = schema.allOf?.length === 1 ? schema.allOf[0] : undefined;
  if (only) {
    const { allOf: _, ...rest } = schema;
    return { ...resolved(only, root), ...rest };
  }
  return schema;
}

function kindOf(schema: JsonSchema, standard: unknown, root: JsonSchema): FormField["kind"] {
  if (schema.format === "upload") return "upload";
  if (schema.format === "keys") return "some";
  if (schema.enum || schema.const !== undefined) return "choice";
  if (schema.type === "boolean") return "switch";
  if (schema.type === "integer") return "integer";
  if (schema.type === "number") return "number";
  if (schema.format === "wording") return "long_text";
  if (schema.type === "string") return typeof standard === "string" && (standard.includes("\n") || standard.length > 80) ? "long_text" : "text";
  if (schema.type === "array") {
    const item = resolved(schema.items ?? {}, root);
    return item.type === "string" || item.enum ? "lines" : "json";
  }
  return "json";
}

/** The fields of a form, from the JSON schema of its parameters. */
export function fieldsOf(root: JsonSchema): FormField[] {
  return Object.entries(root.properties ?? {}).map(([name, raw]) => {
    let schema = resolved(raw, root);
    const variants = (schema.anyOf ?? []).map((one) => resolved(one, root));
    const isOptional = variants.some((one) => one.type === "null");
    const present = variants.filter((one) => one.type !== "null");
    if (present.length === 1) schema = { ...present[0], ...schema, anyOf: undefined, type: present[0]?.type };
    const standard = raw.default ?? schema.default;
    return {
      name,
      title: (schema.title && schema.title.toLowerCase() !== name.replaceAll("_", " ") ? schema.title : name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " "),
      about: schema.description ?? "",
      kind: kindOf(schema, standard, root),
      isOptional,
      isWording: schema.format === "wording",
      isRequired: root.required?.includes(name) ?? false,
      standard,
      choices: schema.enum ?? (schema.format === "keys" ? schema.examples : undefined) ?? (schema.const !== undefined ? [schema.const] : []),
      least: schema.minimum ?? schema.exclusiveMinimum ?? null,
      most: schema.maximum ?? schema.exclusiveMaximum ?? null,
    };
  });
}

/** A value as the form shows it. */
export function textOf(field: FormField, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (field.kind === "lines") return Array.isArray(value) ? value.map(String).join("\n") : String(value);
  if (field.kind === "json") return JSON.stringify(value);
  return String(value);
}

export type Parsed = { value: unknown; error?: undefined } | { value?: undefined; error: string };

/** What was typed as a value, or what is wrong with it. */
export function parse(field: FormField, text: string): Parsed {
  const typed = text.trim();
  if (typed === "") {
    if (field.kind === "lines") return { value: [] };
    if (field.isOptional) return { value: null };
    if (field.kind === "text" || field.kind === "long_text" || field.kind === "upload") return { value: "" };
    if (field.kind === "choice" && field.choices.includes("")) return { value: "" };
    if (field.kind === "some") return { error: "Choose one at least." };
    return { error: "A value is needed." };
  }
  switch (field.kind) {
    case "switch":
      return { value: typed === "true" };
    case "choice":
      return { value: field.choices.find((choice) => String(choice) === typed) ?? typed };
    case "integer":
    case "number": {
      const number = Number(typed);
      if (!Number.isFinite(number)) return { error: "This is no number." };
      if (field.kind === "integer" && !Number.isInteger(number)) return { error: "A whole number is needed." };
      if (field.least !== null && number < field.least) return { error: `At least ${field.least}.` };
      if (field.most !== null && number > field.most) return { error: `At most ${field.most}.` };
      return { value: number };
    }
    case "lines":
      return { value: typed.split(/\n/).map((line) => line.trim()).filter(Boolean) };
    case "json":
      try {
        return { value: JSON.parse(typed) as unknown };
      } catch {
        return { error: "This is no JSON." };
      }
    default:
      return { value: text };
  }
}

/** The values that differ from the standard ones, or the faults of those that cannot be read. */
export function changed(fields: FormField[], texts: Record<string, string>): { values: Record<string, unknown>; faults: Record<string, string> } {
  const values: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const text = texts[field.name];
    if (text === undefined || text === textOf(field, field.standard)) continue;
    const parsed = parse(field, text);
    if (parsed.error !== undefined) faults[field.name] = parsed.error;
    else if (JSON.stringify(parsed.value) !== JSON.stringify(field.standard)) values[field.name] = parsed.value;
  }
  return { values, faults };
}
