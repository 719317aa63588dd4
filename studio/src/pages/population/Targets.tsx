import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Target } from "lucide-react";
import { useState } from "react";

import { api, type Problem } from "../../api/client";
import type { Distribution } from "../../api/types";
import { figure } from "../../lib/words";
import { Button, Fault, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";

/** Shares that are wanted of a column, in percent; they must be a whole. */
export function Targets({ id, found }: { id: string; found: Distribution }) {
  const categories = found.categories ?? [];
  const [open, setOpen] = useState(false);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const client = useQueryClient();
  const shown = (value: string, target: number | null, n: number) => texts[value] ?? String(Math.round(1000 * (target ?? n / Math.max(1, found.n))) / 10);
  const shares = categories.map((one) => [one.value, Number(shown(one.value, one.target, one.count))] as const);
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  const isWhole = Math.abs(sum - 100) < 0.5 && shares.every(([, share]) => share >= 0);
  const save = useMutation<unknown, Problem>({
    mutationFn: () => api.put(`/api/populations/${id}/targets`, { [found.column]: Object.fromEntries(shares.map(([value, share]) => [value, share / sum])) }),
    onSuccess: () => { setOpen(false); setTexts({}); void client.invalidateQueries({ queryKey: ["distribution", id] }); void client.invalidateQueries({ queryKey: ["population", id] }); },
  });
  if (categories.length < 2 || categories.length > 30) return null;
  return (
    <div>
      <Button small icon={Target} onClick={() => setOpen(true)}>{categories.some((one) => one.target !== null) ? "Change wanted shares" : "Set wanted shares"}</Button>
      {open ? (
        <Dialog title={`Wanted shares of ${found.column}`} lead="Margins from a census or a plan. The chart marks them, so that a skewed population shows; people can be weighted to them." onClose={() => setOpen(false)} footer={<><span className="grow small muted num">{figure(sum, 1)} % in all</span><Button onClick={() => setOpen(false)}>Cancel</Button><Button kind="primary" disabled={!isWhole || save.isPending} onClick={() => save.mutate()}>Save</Button></>}>
          {save.error ? <Fault problem={save.error} /> : null}
          {!isWhole ? <p className="small error-text" role="alert">The shares must sum to 100 %.</p> : null}
          <div className="two">{categories.map((one) => <TextField key={one.value} label={`${one.value}, %`} type="number" min={0} max={100} step="any" value={shown(one.value, one.target, one.count)} onText={(text) => setTexts((now) => ({ ...now, [one.value]: text }))} />)}</div>
        </Dialog>
      ) : null}
    </div>
  );
}
