import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { modelOptions, useSession } from "../../api/session";
import type { DimensionField, Persona } from "../../api/types";
import { readPath } from "../../lib/paths";
import { Button, SelectField, TextArea, TextField } from "../../ui/controls";

interface Props {
  field: DimensionField;
  persona: Persona;
  onChange: (path: string, value: unknown) => void;
}

function Lines({ field, value, onText }: { field: DimensionField; value: unknown; onText: (lines: string[]) => void }) {
  const asText = (lines: unknown) => (Array.isArray(lines) ? lines.map(String).join("\n") : "");
  const [text, setText] = useState(asText(value));
  const kept = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (kept.join("\n") !== asText(value)) {
    // Changed from outside, as by a fix: what was typed no longer stands for it.
    setText(asText(value));
  }
  return (
    <TextArea
      label={field.title}
      hint={field.hint ? `${field.hint} One a line.` : "One a line."}
      value={text}
      onText={(next) => { setText(next); onText(next.split("\n").map((line) => line.trim()).filter(Boolean)); }}
    />
  );
}

function Pairs({ field, value, onPairs }: { field: DimensionField; value: unknown; onPairs: (pairs: Record<string, string>) => void }) {
  const pairs = Object.entries((value ?? {}) as Record<string, string>);
  const [word, setWord] = useState("");
  return (
    <fieldset className="field plain-set">
      <legend className="label">{field.title}</legend>
      {field.hint ? <span className="hint">{field.hint}</span> : null}
      {pairs.map(([key, text]) => (
        <div className="row" key={key}>
          <span className="small pair-key">{key.replaceAll("_", " ")}</span>
          <input className="input" aria-label={`${field.title}: ${key}`} autoFocus={!text} value={text} onChange={(event) => onPairs({ ...Object.fromEntries(pairs), [key]: event.target.value })} />
          <Button kind="quiet" icon={Trash2} aria-label={`Remove ${key}`} onClick={() => onPairs(Object.fromEntries(pairs.filter(([other]) => other !== key)))} />
        </div>
      ))}
      <div className="row">
        <input className="input" aria-label={`New entry of ${field.title}`} placeholder="new entry, such as profession" value={word} onChange={(event) => setWord(event.target.value)} />
        <Button icon={Plus} disabled={!word.trim()} onClick={() => { onPairs({ ...Object.fromEntries(pairs), [word.trim().replace(/\s+/g, "_")]: "" }); setWord(""); }}>Add</Button>
      </div>
    </fieldset>
  );
}

interface Memory {
  text: string;
  when?: string;
  importance?: number | null;
}

function Memories({ field, value, onMemories }: { field: DimensionField; value: unknown; onMemories: (memories: Memory[]) => void }) {
  const rows = (Array.isArray(value) ? value : []) as Memory[];
  const set = (index: number, change: Partial<Memory>) => onMemories(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <fieldset className="field plain-set">
      <legend className="label">{field.title}</legend>
      {field.hint ? <span className="hint">{field.hint}</span> : null}
      {rows.map((row, index) => (
        <div className="row wrap memory" key={index}>
          <textarea className="textarea input grow" rows={1} dir="auto" aria-label={`Memory ${index + 1}`} placeholder="something remembered" autoFocus={!row.text} value={row.text} onChange={(event) => set(index, { text: event.target.value })} />
          <input className="input when" aria-label={`When memory ${index + 1} was`} placeholder="when" value={row.when ?? ""} onChange={(event) => set(index, { when: event.target.value })} />
          <Button kind="quiet" icon={Trash2} aria-label={`Remove memory ${index + 1}`} onClick={() => onMemories(rows.filter((_, at) => at !== index))} />
        </div>
      ))}
      <div><Button small icon={Plus} onClick={() => onMemories([...rows, { text: "" }])}>Add a memory</Button></div>
    </fieldset>
  );
}

/** The model that plays the persona unless another is asked for, and how its words are drawn. */
function OwnModel({ value, onChange }: { value: unknown; onChange: Props["onChange"] }) {
  const session = useSession();
  const own = (value ?? {}) as Record<string, string | number | undefined>;
  const number = (name: string, title: string, step: number) => (
    <TextField label={title} type="number" min={0} step={step} placeholder="as the model has it" value={own[name] === undefined ? "" : String(own[name])} onText={(text) => onChange(`model.${name}`, text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text))} />
  );
  const known = modelOptions(session.data);
  const name = String(own.name ?? "");
  const foreign = name && !known.some(([key]) => key === name) ? [[name, `${name} (not on this server)`] as const] : [];
  return (
    <div className="two">
      <SelectField label="Played by" value={name} options={[["", "the standard model"], ...known, ...foreign]} onText={(text) => onChange("model.name", text)} />
      {number("temperature", "Temperature", 0.1)}
      {number("top_p", "Nucleus (top p)", 0.05)}
      {number("max_tokens", "Longest answer, tokens", 1)}
    </div>
  );
}

/** One field of a design dimension, by its kind. */
export function DesignField({ field, persona, onChange }: Props) {
  const value = readPath(persona, field.path);
  const text = value === undefined || value === null ? "" : String(value);
  switch (field.kind) {
    case "long_text":
      return <TextArea label={field.title} hint={field.hint} value={text} onText={(next) => onChange(field.path, next)} />;
    case "number":
      return (
        <TextField
          label={field.title}
          hint={field.hint}
          type="number"
          value={text}
          onText={(next) => onChange(field.path, next === "" || !Number.isFinite(Number(next)) ? undefined : Number(next))}
        />
      );
    case "list":
      return <Lines field={field} value={value} onText={(lines) => onChange(field.path, lines)} />;
    case "pairs":
      return <Pairs field={field} value={value} onPairs={(pairs) => onChange(field.path, pairs)} />;
    case "memories":
      return <Memories field={field} value={value} onMemories={(memories) => onChange(field.path, memories)} />;
    case "model":
      return <OwnModel value={value} onChange={onChange} />;
    case "traits":
    case "abilities":
      return null; // these have a part of the editor each
    default:
      return <TextField label={field.title} hint={field.hint} value={text} onText={(next) => onChange(field.path, next)} />;
  }
}
