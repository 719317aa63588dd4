import { useMutation, useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import type { Persona, PersonaDetail } from "../../api/types";
import { Button, Fault, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";

/** One person of a population, in words, and kept as a persona if wanted. */
export function PersonDialog({ population, person, onClose }: { population: string; person: string; onClose: () => void }) {
  const [, go] = useLocation();
  const answer = useQuery<{ persona: Persona }, Problem>({ queryKey: ["person", population, person], queryFn: () => api.get(`/api/populations/${population}/people/${encodeURIComponent(person)}`) });
  const preview = useQuery<{ prompts: { renderer: string; text: string }[]; avatar_svg: string }, Problem>({
    queryKey: ["preview", answer.data?.persona],
    queryFn: () => api.post("/api/personas/preview", { persona: answer.data?.persona }),
    enabled: answer.data !== undefined,
  });
  const keep = useMutation<PersonaDetail, Problem>({ mutationFn: () => api.post("/api/personas", { persona: answer.data?.persona, note: "from a population" }), onSuccess: (kept) => go(`/personas/${kept.slug}`) });
  const words = preview.data?.prompts.find((one) => one.renderer === "third-person") ?? preview.data?.prompts[0];
  return (
    <Dialog
      title={answer.data?.persona.name || person}
      onClose={onClose}
      wide
      footer={<><Button onClick={onClose}>Close</Button><Button kind="primary" disabled={!answer.data || keep.isPending} onClick={() => keep.mutate()}>Keep as a persona</Button></>}
    >
      {answer.error ? <Fault problem={answer.error} /> : null}
      {keep.error ? <Fault problem={keep.error} /> : null}
      {answer.isPending ? <Waiting /> : null}
      {preview.data ? <div className="row top"><img className="avatar" alt="" width={64} height={64} src={`data:image/svg+xml;utf8,${encodeURIComponent(preview.data.avatar_svg)}`} /><p className="grow prewrap">{words?.text || "Nothing of this person has words yet."}</p></div> : null}
      {answer.data ? <details><summary className="small muted">As a file</summary><pre className="block" tabIndex={0} aria-label="The persona as JSON">{JSON.stringify(answer.data.persona, null, 2)}</pre></details> : null}
    </Dialog>
  );
}
