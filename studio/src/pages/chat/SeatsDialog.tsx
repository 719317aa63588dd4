import { Trash2, UserPlus } from "lucide-react";
import { useState } from "react";

import { usePages } from "../../api/pages";
import { modelOptions, useSession } from "../../api/session";
import type { PersonaSummary, ReadingLevel, RecallMode, Seat } from "../../api/types";
import type { Problem } from "../../api/client";
import { Badge, Button, Fault, Field, SelectField, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { freeName, humanSeat, modelSeat, personaSeat, READING_LEVELS, RECALL_MODES } from "./seats";

type Draft = Partial<Seat> & Omit<Seat, "id">;

interface Props {
  seats: Seat[];
  isSaving: boolean;
  problem: Problem | null;
  onClose: () => void;
  onSave: (seats: Draft[]) => void;
}

/** Who sits at the table, played by which model, speaking at which level. */
export function SeatsDialog({ seats, isSaving, problem, onClose, onSave }: Props) {
  const [drafts, setDrafts] = useState<Draft[]>(seats);
  const [adding, setAdding] = useState("");
  const session = useSession();
  const personas = usePages<PersonaSummary>("/api/personas", {}, 200);
  const models = modelOptions(session.data);
  const model = session.data?.default_model ?? "";
  const set = (index: number, change: Partial<Draft>) => setDrafts((now) => now.map((seat, at) => (at === index ? { ...seat, ...change } : seat)));
  const add = () => {
    const [kind, key] = [adding.slice(0, adding.indexOf(":")), adding.slice(adding.indexOf(":") + 1)];
    const persona = personas.items.find((one) => one.slug === key);
    const seat = kind === "persona" && persona ? personaSeat(persona, model) : kind === "model" ? modelSeat(key) : kind === "human" ? humanSeat(`Person ${drafts.filter((one) => one.kind === "human").length + 1}`) : null;
    if (seat) setDrafts((now) => [...now, { ...seat, name: freeName(seat.name, now.map((one) => one.name)) }]);
    setAdding("");
  };
  return (
    <Dialog
      title="Seats"
      lead="What was said stays; a change counts from the next answer on."
      onClose={onClose}
      wide
      footer={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={isSaving || drafts.length === 0} onClick={() => onSave(drafts)}>Save seats</Button></>}
    >
      {problem ? <Fault problem={problem} /> : null}
      {drafts.map((seat, index) => (
        <fieldset key={seat.id ?? `new-${index}`} className="card pad stack">
          <legend className="visually-hidden">Seat {index + 1}</legend>
          <div className="row between"><span className="row"><h3>{seat.name}</h3><Badge>{seat.kind}</Badge>{seat.version ? <span className="tiny muted">version {seat.version}</span> : null}</span><Button kind="quiet" small icon={Trash2} aria-label={`Remove ${seat.name}`} onClick={() => setDrafts((now) => now.filter((_, at) => at !== index))} /></div>
          <div className="two">
            <TextField label="Name" value={seat.name} onText={(name) => set(index, { name })} />
            {seat.kind !== "human" ? <SelectField label="Model" value={seat.model ?? model} options={models} onText={(name) => set(index, { model: name })} /> : null}
            {seat.kind === "persona" ? <SelectField label="Renderer" value={seat.renderer} options={(session.data?.renderers ?? []).map((one) => [one.key, `${one.key}@${one.version}`] as const)} onText={(renderer) => set(index, { renderer })} /> : null}
            {seat.kind !== "human" ? <SelectField label="Reading level" value={seat.reading_level} options={READING_LEVELS} onText={(level) => set(index, { reading_level: level as ReadingLevel })} /> : null}
            {seat.kind === "persona" && seat.persona ? <VersionField seat={seat} newest={personas.items.find((one) => one.slug === seat.persona)?.version ?? 0} onVersion={(version) => set(index, { version })} /> : null}
            {seat.kind === "persona" ? <SelectField label="Memories and knowledge" value={seat.recall} options={RECALL_MODES} onText={(recall) => set(index, { recall: recall as RecallMode })} /> : null}
            {seat.kind !== "human" ? (
              <Field label="Temperature" hint="Empty: as the persona or the model has it.">
                {(props) => <input className="input" type="number" min={0} max={2} step={0.1} {...props} value={seat.sampling.temperature ?? ""} onChange={(event) => { const { temperature: _, ...rest } = seat.sampling; set(index, { sampling: event.target.value === "" ? rest : { ...rest, temperature: Number(event.target.value) } }); }} />}
              </Field>
            ) : null}
            {seat.kind !== "human" ? (
              <Field label="Longest answer, tokens" hint="Empty: as the persona or the model has it.">
                {(props) => <input className="input" type="number" min={1} step={1} {...props} value={seat.sampling.max_tokens ?? ""} onChange={(event) => { const { max_tokens: _, ...rest } = seat.sampling; const wanted = Math.round(Number(event.target.value)); set(index, { sampling: wanted >= 1 ? { ...rest, max_tokens: wanted } : rest }); }} />}
              </Field>
            ) : null}
          </div>
        </fieldset>
      ))}
      <div className="row wrap" style={{ alignItems: "flex-end" }}>
        <div className="grow" style={{ minWidth: 200 }}>
          <SelectField
            label="Seat somebody else"
            value={adding}
            onText={setAdding}
            options={[["", "Choose …"], ["human:", "A person"], ...personas.items.map((one) => [`persona:${one.slug}`, `Persona: ${one.name || one.slug}`] as const), ...models.map(([name, title]) => [`model:${name}`, `Plain model: ${title}`] as const)]}
          />
        </div>
        <Button icon={UserPlus} disabled={!adding} onClick={add}>Seat</Button>
      </div>
    </Dialog>
  );
}

/** Which version of a persona speaks. */
function VersionField({ seat, newest, onVersion }: { seat: Draft; newest: number; onVersion: (version: number) => void }) {
  const known = Math.max(newest, seat.version ?? 1);
  const options = Array.from({ length: known }, (_, at) => known - at).map((version) => [String(version), version === newest ? `${version}, the newest` : String(version)] as const);
  return <SelectField label="Version" value={String(seat.version ?? known)} options={options} onText={(text) => onVersion(Number(text))} />;
}
