import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Dices, FileUp, Trash2, Users } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { Population } from "../../api/types";
import { useDrop } from "../../lib/hooks";
import { ago, plural } from "../../lib/words";
import { Badge, Button, Empty, Fault, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { More } from "../../ui/more";

export default function Populations() {
  const list = usePages<Population>("/api/populations");
  const client = useQueryClient();
  const [, go] = useLocation();
  const [open, setOpen] = useState<"" | "draw" | Population>("");
  const picker = useRef<HTMLInputElement>(null);
  const made = (population: Population) => { void client.invalidateQueries({ queryKey: ["/api/populations"] }); go(`/population/${population.id}`); };
  const upload = useMutation<Population, Problem, File>({ mutationFn: (file) => api.upload("/api/populations", file, { title: file.name.replace(/\.[a-z0-9]+$/i, "") }), onSuccess: made });
  const isOver = useDrop((files) => { if (files[0]) upload.mutate(files[0]); });
  const remove = useMutation<unknown, Problem, Population>({ mutationFn: (one) => api.remove(`/api/populations/${one.id}`), onSuccess: () => { setOpen(""); void client.invalidateQueries({ queryKey: ["/api/populations"] }); } });
  return (
    <div className="page">
      <div className="page-head">
        <div><h1>Population</h1><p>Many personas at once: look at what they are made of before anybody is asked anything.</p></div>
        <div className="row wrap">
          <Button icon={FileUp} onClick={() => picker.current?.click()}>Import</Button>
          <Button kind="primary" icon={Dices} onClick={() => setOpen("draw")}>Draw people</Button>
          <input ref={picker} type="file" hidden aria-label="File of people" accept=".csv,.parquet,.jsonl,.json,.yaml,.yml" onChange={(event) => { const file = event.target.files?.[0]; if (file) upload.mutate(file); event.target.value = ""; }} />
        </div>
      </div>
      {upload.isPending ? <p className="muted" role="status">Reading…</p> : null}
      {upload.error ? <Fault problem={upload.error} /> : null}
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting /> : null}
      {list.data && list.items.length === 0 ? (
        <Empty icon={Users} title="No population yet" action={<><Button kind="primary" icon={Dices} onClick={() => setOpen("draw")}>Draw people</Button><Button icon={FileUp} onClick={() => picker.current?.click()}>Import a file</Button></>}>
          Draw people with random traits to try things out, or drop a file of people here: CSV, Parquet or JSONL, as the
          population tools of personae and of others write them.
        </Empty>
      ) : null}
      <ul className="grid wide plain">
        {list.items.map((one) => (
          <li key={one.id} className="card pad row top">
            <div className="grow stack tight">
              <Link href={`/population/${one.id}`}><strong>{one.title}</strong></Link>
              <span className="small muted">{plural(one.size, "person", "people")} · {ago(one.created)}</span>
              <span className="row wrap">{one.simulated ? <Badge tone="warn">simulated</Badge> : null}<span className="tiny muted clamp">{one.source}</span></span>
            </div>
            <Button kind="quiet" small icon={Trash2} aria-label={`Delete ${one.title}`} onClick={() => setOpen(one)} />
          </li>
        ))}
      </ul>
      <More list={list} />
      {isOver ? <div className="dropping">Drop to import people</div> : null}
      {open === "draw" ? <DrawDialog onClose={() => setOpen("")} onMade={made} /> : null}
      {typeof open === "object" ? (
        <Dialog title={`Delete ${open.title}?`} lead="The personas that you kept from it stay." onClose={() => setOpen("")} footer={<><Button onClick={() => setOpen("")}>Keep it</Button><Button kind="danger" onClick={() => remove.mutate(open)}>Delete for good</Button></>}>
          {remove.error ? <Fault problem={remove.error} /> : <p>{plural(open.size, "person", "people")} will be gone.</p>}
        </Dialog>
      ) : null}
    </div>
  );
}

function DrawDialog({ onClose, onMade }: { onClose: () => void; onMade: (population: Population) => void }) {
  const [title, setTitle] = useState("People with random traits");
  const [size, setSize] = useState("500");
  const [seed, setSeed] = useState("0");
  const draw = useMutation<Population, Problem>({ mutationFn: () => api.post("/api/populations/generate", { title, kind: "drawn", size: Number(size), seed: Number(seed) }), onSuccess: onMade });
  return (
    <Dialog title="Draw people" lead="Independent standard normal traits: people for trying things out, not a sample of any country." onClose={onClose} footer={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={!title.trim() || !(Number(size) >= 1) || draw.isPending} onClick={() => draw.mutate()}>Draw</Button></>}>
      {draw.error ? <Fault problem={draw.error} /> : null}
      <TextField label="Title" value={title} onText={setTitle} autoFocus />
      <div className="two"><TextField label="How many" type="number" min={1} value={size} onText={setSize} /><TextField label="Seed" type="number" min={0} value={seed} onText={setSeed} hint="The same seed draws the same people." /></div>
    </Dialog>
  );
}
