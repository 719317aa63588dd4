import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Trash2 } from "lucide-react";
import { useState } from "react";

import { api, type Problem } from "../../api/client";
import type { Link } from "../../api/types";
import { copyText } from "../../lib/browser";
import { ago, day } from "../../lib/words";
import { Badge, Button, Fault, SelectField, TextArea, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";

interface Props {
  kind: "instrument" | "rating";
  path: string;
  target: string;
  title: string;
  onClose: () => void;
}

const TERMS = [["7", "a week"], ["30", "30 days"], ["90", "90 days"], ["365", "a year"], ["", "until it is closed"]] as const;

/** Links that let people without a key take part, and the ones that there are. */
export function ShareDialog({ kind, path, target, title, onClose }: Props) {
  const client = useQueryClient();
  const say = useToast();
  const links = useQuery<{ items: Link[]; consent: Record<Props["kind"], string> }, Problem>({ queryKey: ["links"], queryFn: () => api.get("/api/links") });
  const [written, setWritten] = useState<string | null>(null);
  const consent = written ?? links.data?.consent[kind] ?? "";
  const [most, setMost] = useState("");
  const [days, setDays] = useState("30");
  const refresh = () => void client.invalidateQueries({ queryKey: ["links"] });
  const make = useMutation<Link, Problem>({ mutationFn: () => api.post(path, { title, consent, ...(most ? { most: Number(most) } : {}), ...(days ? { days: Number(days) } : {}) }), onSuccess: refresh });
  const close = useMutation<unknown, Problem, string>({ mutationFn: (token) => api.remove(`/api/links/${token}`), onSuccess: refresh });
  const whole = (url: string) => new URL(url, window.location.origin).href;
  const copy = async (url: string) => say((await copyText(whole(url))) ? "Link copied" : "This browser does not let pages copy: mark the link and copy it");
  const mine = (links.data?.items ?? []).filter((link) => link.target === target);
  return (
    <Dialog title="Send a link" lead="Whoever has the link can take part, without a key, and sees nothing else of this studio." onClose={onClose} wide footer={<><Button onClick={onClose}>Close</Button><Button kind="primary" disabled={make.isPending || !consent.trim()} onClick={() => make.mutate()}>Make a link</Button></>}>
      {links.error ? <Fault problem={links.error} retry={() => void links.refetch()} /> : null}
      {make.error ? <Fault problem={make.error} /> : null}
      {close.error ? <Fault problem={close.error} /> : null}
      <TextArea label="Consent text" value={consent} rows={6} onText={setWritten} hint="People read and confirm this before anything else." />
      <div className="two">
        <TextField label="At most so many people" type="number" min={1} value={most} onText={setMost} placeholder="no limit" />
        <SelectField label="Open for" value={days} options={TERMS} onText={setDays} />
      </div>
      {links.isPending ? <Waiting lines={1} /> : null}
      {mine.map((link) => (
        <div key={link.token} className="card pad row wrap between">
          <div className="grow">
            <span className="mono small wrap-anywhere">{whole(link.url)}</span>
            <div className="row wrap tiny muted">{link.is_open ? null : <Badge tone="warn">{link.most !== null && link.used >= link.most ? "full" : "over"}</Badge>}<span>{link.used}{link.most !== null ? ` of ${link.most}` : ""} used · made {ago(link.created)} · {link.ends === null ? "open until it is closed" : `until ${day(link.ends)}`}</span></div>
          </div>
          <div className="row"><Button small icon={Copy} onClick={() => void copy(link.url)}>Copy</Button><Button small kind="danger" icon={Trash2} aria-label="Close this link" onClick={() => close.mutate(link.token)} /></div>
        </div>
      ))}
    </Dialog>
  );
}
