import type { FormField } from "../lib/forms";
import { textOf } from "../lib/forms";
import { Field, SelectField, TextArea, TextField } from "./controls";
import { SomeField } from "./SomeField";
import { UploadField } from "./UploadField";

interface Props {
  fields: FormField[];
  texts: Record<string, string>;
  faults: Record<string, string>;
  onText: (name: string, text: string) => void;
}

/** A form made from the JSON schema of parameters. */
export function SchemaForm({ fields, texts, faults, onText }: Props) {
  return (
    <div className="two">
      {fields.map((field) => {
        const standard = textOf(field, field.standard);
        const text = texts[field.name] ?? standard;
        const set = (next: string) => onText(field.name, next);
        const error = faults[field.name];
        const common = { label: field.title, hint: field.about, error };
        const isWide = field.kind === "long_text" || field.kind === "lines" || field.kind === "some";
        return (
          <div key={field.name} className={isWide ? "span" : undefined}>
            {field.kind === "switch" ? (
              <label className="check"><input type="checkbox" checked={text === "true"} onChange={(event) => set(String(event.target.checked))} /><span><span className="label">{field.title}</span><br /><span className="small muted">{field.about}</span></span></label>
            ) : field.kind === "choice" ? (
              <SelectField label={field.title} hint={field.about} value={text} options={[...(field.isOptional ? [["", "none"] as const] : []), ...field.choices.map((choice) => [String(choice), String(choice) || "–"] as const)]} onText={set} />
            ) : field.kind === "upload" ? (
              <UploadField label={field.title} hint={field.about} value={text} standard={standard} choices={field.choices.map(String)} onText={set} />
            ) : field.kind === "some" ? (
              <SomeField label={field.title} hint={field.about} error={error} value={text} choices={field.choices.map(String)} onText={set} />
            ) : field.kind === "integer" || field.kind === "number" ? (
              <Field {...common}>
                {(props) => <input className="input num" type="number" step={field.kind === "integer" ? 1 : "any"} min={field.least ?? undefined} max={field.most ?? undefined} {...props} value={text} onChange={(event) => set(event.target.value)} />}
              </Field>
            ) : isWide ? (
              <TextArea {...common} value={text} onText={set} />
            ) : (
              <TextField {...common} value={text} onText={set} placeholder={field.isOptional ? "none" : undefined} />
            )}
          </div>
        );
      })}
    </div>
  );
}
