import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Scale, Undo2 } from "lucide-react";

import { api, type Problem } from "../../api/client";
import type { PopulationDetail } from "../../api/types";
import { figure, plural } from "../../lib/words";
import { Button, Fault } from "../../ui/controls";

/** How much each person counts: weights of the file, or those by which all wanted shares are reached. */
export function Weights({ id, data }: { id: string; data: PopulationDetail }) {
  const client = useQueryClient();
  const refresh = () => { for (const key of ["population", "distribution"]) void client.invalidateQueries({ queryKey: [key, id] }); void client.invalidateQueries({ queryKey: [`/api/populations/${id}/people`] }); };
  const weigh = useMutation<unknown, Problem>({ mutationFn: () => api.post(`/api/populations/${id}/weights`), onSuccess: refresh });
  const drop = useMutation<unknown, Problem>({ mutationFn: () => api.remove(`/api/populations/${id}/weights`), onSuccess: refresh });
  const wanted = Object.keys(data.targets).length;
  const found = data.weighting;
  if (!found && wanted === 0) return null;
  return (
    <section className="card pad stack tight" aria-label="Weights">
      <div className="row wrap between">
        <span className="small grow">
          {found ? <>Weighted by {found.origin}: {plural(data.size, "person", "people")} tell as much as {figure(found.effective_n, 0)} of equal weight (design effect {figure(found.design_effect)}).{(found.largest_error ?? 0) > 0.001 ? ` The wanted shares are missed by up to ${figure(100 * (found.largest_error ?? 0), 1)} points.` : ""}</> : <>Shares are wanted of {plural(wanted, "column")}; all people count alike so far.</>}
        </span>
        {wanted ? <Button small icon={Scale} disabled={weigh.isPending} onClick={() => weigh.mutate()}>{found ? "Weight anew to the wanted shares" : "Weight to the wanted shares"}</Button> : null}
        {found ? <Button small kind="quiet" icon={Undo2} disabled={drop.isPending} onClick={() => drop.mutate()}>Count all alike</Button> : null}
      </div>
      {weigh.error ? <Fault problem={weigh.error} /> : null}
      {drop.error ? <Fault problem={drop.error} /> : null}
    </section>
  );
}
