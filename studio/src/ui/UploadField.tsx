import { useMutation } from "@tanstack/react-query";
import { FileUp, X } from "lucide-react";
import { useRef, useState } from "react";

import { api, type Problem } from "../api/client";
import { Button, Fault, Field, SelectField } from "./controls";

const OWN = "\u0000own"; // no key is called so

interface Props {
  label: string;
  hint: string;
  /** A key, the name that the server gave a file, or nothing. */
  value: string;
  standard: string;
  choices: string[];
  onText: (text: string) => void;
}

/** A file that is brought to the server, or one of its keys where there are any. */
export function UploadField({ label, hint, value, standard, choices, onText }: Props) {
  const picker = useRef<HTMLInputElement>(null);
  const [called, setCalled] = useState("");
  const isOwn = value !== "" && !choices.includes(value);
  const [wantsOwn, setWantsOwn] = useState(isOwn);
  const bring = useMutation<{ name: string; bytes: number }, Problem, File>({
    mutationFn: (file) => api.upload("/api/experiments/files", file),
    onSuccess: (kept, file) => { setCalled(file.name); onText(kept.name); },
  });
  const drop = () => { bring.reset(); onText(standard); };
  const brings = choices.length === 0 || wantsOwn || isOwn;
  return (
    <div className="stack tight">
      {choices.length ? (
        <SelectField
          label={label}
          hint={hint}
          value={wantsOwn || isOwn ? OWN : value}
          options={[...choices.map((one) => [one, one || "–"] as const), [OWN, "A file of mine"]]}
          onText={(chosen) => { setWantsOwn(chosen === OWN); bring.reset(); onText(chosen === OWN ? standard : chosen); }}
        />
      ) : null}
      {brings ? (
        <Field label={choices.length ? `${label}: the file` : label} hint={choices.length ? undefined : hint}>
          {(props) => (
            <>
              <input ref={picker} type="file" hidden aria-label={`File: ${label}`} onChange={(event) => { const file = event.target.files?.[0]; if (file) bring.mutate(file); event.target.value = ""; }} />
              <div className="row wrap">
                <Button {...props} small icon={FileUp} disabled={bring.isPending} onClick={() => picker.current?.click()}>{bring.isPending ? "Bringing it…" : isOwn ? "Another file" : "Choose a file"}</Button>
                {isOwn ? <><span className="small mono">{called || value.slice(25)}</span><Button small kind="quiet" icon={X} aria-label={`Leave out the file of ${label}`} onClick={drop} /></> : <span className="small muted">none</span>}
              </div>
            </>
          )}
        </Field>
      ) : null}
      {bring.error ? <Fault problem={bring.error} /> : null}
    </div>
  );
}
