import { Plus, Trash2 } from "lucide-react";

import type { Persona } from "../../api/types";
import { Button, Hint, TextField } from "../../ui/controls";

interface Props {
  persona: Persona;
  onChange: (path: string, value: unknown) => void;
}

/** What the person can do, each with what limits it: never one without the other (Persona-L). */
export function Abilities({ persona, onChange }: Props) {
  const rows = persona.abilities ?? [];
  const set = (index: number, change: Partial<{ ability: string; constraint: string }>) =>
    onChange("abilities", rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <div className="stack">
      <Hint>
        People are described by what they do and how, and each constraint stands beside the ability that it bears on. “None that
        I know of” is an answer; an empty constraint is a gap that the remarks point out.
      </Hint>
      {rows.map((row, index) => (
        <fieldset key={index} className="card pad ability">
          <legend className="visually-hidden">Ability {index + 1}</legend>
          <TextField label="Can" value={row.ability} placeholder="travel to work alone by bus" onText={(ability) => set(index, { ability })} autoFocus={!row.ability && !row.constraint} error={row.ability.trim() || !row.constraint?.trim() ? undefined : "A constraint stands beside an ability: say what the person can do."} />
          <TextField label="Limited by" value={row.constraint ?? ""} placeholder="needs a known route; a changed stop is hard" onText={(constraint) => set(index, { constraint })} hint={row.constraint ? undefined : "Pair it: what makes this harder, or which adaptation makes it possible?"} />
          <Button kind="quiet" icon={Trash2} aria-label={`Remove ability ${index + 1}`} onClick={() => onChange("abilities", rows.filter((_, at) => at !== index))} />
        </fieldset>
      ))}
      <div><Button icon={Plus} onClick={() => onChange("abilities", [...rows, { ability: "", constraint: "" }])}>Add an ability with its constraint</Button></div>
    </div>
  );
}
