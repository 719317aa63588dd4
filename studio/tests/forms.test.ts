import { describe, expect, it } from "vitest";

import { changed, fieldsOf, parse, textOf } from "../src/lib/forms";

const SCHEMA = {
  type: "object",
  $defs: { Wording: { enum: ["simplified", "original"], type: "string" } },
  properties: {
    people: { type: "integer", minimum: 1, default: 10, description: "of each type", title: "People" },
    temperature: { type: "number", minimum: 0, default: 0.7 },
    stories: { type: "boolean", default: true },
    wording: { $ref: "#/$defs/Wording", default: "simplified" },
    dictionary: { anyOf: [{ type: "string", format: "file-path" }, { type: "null" }], default: null },
    items: { type: "array", items: { type: "string" }, default: ["a", "b"] },
    prompt: { type: "string", default: "line\nline" },
    weights: { type: "object", default: { a: 1 } },
    texts: { type: "string", format: "upload", default: "" },
    instrument: { type: "string", format: "upload", enum: ["bfi-44", "tipi"], default: "bfi-44" },
    forms: { type: "string", format: "keys", examples: ["bfi-44", "gse", "tipi"], default: "bfi-44,gse" },
    header: { type: "string", format: "wording", default: "As a person." },
    language: { type: "string", enum: ["", "en"], default: "" },
  },
  required: ["people"],
};

describe("forms from a schema", () => {
  const fields = fieldsOf(SCHEMA);
  const named = (name: string) => {
    const field = fields.find((one) => one.name === name);
    if (!field) throw new Error(name);
    return field;
  };

  it("picks a control for each type", () => {
    expect(Object.fromEntries(fields.map((field) => [field.name, field.kind]))).toEqual({
      people: "integer", temperature: "number", stories: "switch", wording: "choice", dictionary: "text", items: "lines", prompt: "long_text", weights: "json",
      texts: "upload", instrument: "upload", forms: "some", header: "long_text", language: "choice",
    });
    expect(named("instrument").choices).toEqual(["bfi-44", "tipi"]);
    expect(named("forms").choices).toEqual(["bfi-44", "gse", "tipi"]);
    expect(named("wording").choices).toEqual(["simplified", "original"]);
    expect(named("dictionary").isOptional).toBe(true);
    expect(named("people").isRequired).toBe(true);
  });

  it("says what is wrong", () => {
    expect(parse(named("people"), "0").error).toBe("At least 1.");
    expect(parse(named("people"), "1.5").error).toBe("A whole number is needed.");
    expect(parse(named("people"), "many").error).toBe("This is no number.");
    expect(parse(named("people"), "").error).toBe("A value is needed.");
    expect(parse(named("weights"), "{").error).toBe("This is no JSON.");
    expect(parse(named("forms"), "").error).toBe("Choose one at least.");
    expect(parse(named("texts"), "").value).toBe("");
  });

  it("reads what it shows", () => {
    for (const field of fields) expect(parse(field, textOf(field, field.standard)).value).toEqual(field.standard);
  });

  it("sends only what differs", () => {
    const { values, faults } = changed(fields, { people: "3", stories: "true", wording: "original", items: "a\nb\nc", dictionary: "", temperature: "-1" });
    expect(values).toEqual({ people: 3, wording: "original", items: ["a", "b", "c"] });
    expect(faults).toEqual({ temperature: "At least 0." });
  });
});
