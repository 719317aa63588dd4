import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import type { PersonaDetail } from "../../api/types";
import { plural } from "../../lib/words";
import { Button, Fault, Hint, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";

interface Usage {
  used_by: { kind: string; id: string; title: string }[];
  others: number;
}

export function DeleteDialog({ detail, onClose }: { detail: PersonaDetail; onClose: () => void }) {
  const usage = useQuery<Usage, Problem>({ queryKey: ["usage", detail.slug], queryFn: () => api.get(`/api/personas/${detail.slug}/usage`) });
  const client = useQueryClient();
  const [, go] = useLocation();
  const say = useToast();
  const remove = useMutation<unknown, Problem>({
    mutationFn: () => api.remove(`/api/personas/${detail.slug}?force=true`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["/api/personas"] });
      say(`${detail.name || detail.slug} is deleted`);
      go("/personas");
    },
  });
  const uses = (usage.data?.used_by.length ?? 0) + (usage.data?.others ?? 0);
  return (
    <Dialog
      title={`Delete ${detail.name || detail.slug}?`}
      lead={`All ${plural(detail.versions, "version")} of it go; this cannot be taken back.`}
      onClose={onClose}
      footer={<><Button onClick={onClose}>Keep it</Button><Button kind="danger" disabled={!usage.data || remove.isPending} onClick={() => remove.mutate()}>Delete for good</Button></>}
    >
      {usage.isPending ? <Waiting lines={1} /> : null}
      {usage.error ? <Fault problem={usage.error} /> : null}
      {remove.error ? <Fault problem={remove.error} /> : null}
      {uses ? (
        <Hint tone="warn">
          <strong>It is used in {plural(uses, "place")}</strong>
          <ul>{usage.data?.used_by.map((use) => <li key={use.id} className="small">{use.kind}: {use.title || use.id}</li>)}</ul>
          <p className="small">Conversations keep the version that they were begun with.</p>
        </Hint>
      ) : usage.data ? <p>Nothing uses it.</p> : null}
    </Dialog>
  );
}
