import { useMutation } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";

import { api, type Problem } from "../../api/client";
import { Button, Fault, TextField } from "../../ui/controls";
import { useToast } from "../../ui/toast";

interface Props {
  /** Where people are, each under their random number. */
  at: string;
  what: string;
  onErased: () => void;
}

/** Somebody withdraws: by the random number that they were shown. */
export function Withdrawal({ at, what, onErased }: Props) {
  const say = useToast();
  const [person, setPerson] = useState("");
  const erase = useMutation<unknown, Problem>({
    mutationFn: () => api.remove(`${at}/${encodeURIComponent(person.trim())}`),
    onSuccess: () => { say(`The answers of ${person.trim()} are erased`); setPerson(""); onErased(); },
  });
  return (
    <details>
      <summary className="small muted">Somebody withdraws</summary>
      <form className="row top wrap" onSubmit={(event) => { event.preventDefault(); if (person.trim()) erase.mutate(); }}>
        <div className="grow" style={{ minWidth: 220 }}><TextField label="Their random number" value={person} onText={setPerson} hint={`${what} This cannot be taken back.`} /></div>
        <Button type="submit" kind="danger" icon={Trash2} disabled={!person.trim() || erase.isPending} className="beside-field">Erase</Button>
      </form>
      {erase.error ? <Fault problem={erase.error} /> : null}
    </details>
  );
}
