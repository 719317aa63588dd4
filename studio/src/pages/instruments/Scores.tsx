import type { Scored } from "../../api/types";
import { figure } from "../../lib/words";
import { Hint } from "../../ui/controls";

/** Scores on their range, with the place among other people where norms are known. */
export function Scores({ scored }: { scored: Scored }) {
  return (
    <section className="card" aria-label="Scores">
      <header><h2>Your scores</h2><span className="small muted">{scored.answered} of {scored.items} items answered</span></header>
      <div className="body stack">
        {scored.scales.map((scale) => {
          const span = scale.highest - scale.lowest;
          const share = scale.score === null || span <= 0 ? null : (scale.score - scale.lowest) / span;
          return (
            <div key={scale.key} className="stack tight">
              <div className="row between"><strong>{scale.title}</strong><span className="num">{scale.score === null ? "too few answers" : `${figure(scale.score)} of ${figure(scale.highest, 0)}`}</span></div>
              {share === null ? null : <div className="meter" aria-hidden><i style={{ width: `${share * 100}%` }} /></div>}
              {scale.norm ? <span className="small muted">Above {Math.round(scale.norm.percentile)} % of {scale.norm.group} (z {figure(scale.norm.z)})</span> : null}
            </div>
          );
        })}
        <Hint>A short questionnaire is a rough measure, and no diagnosis. Your answers are kept under the random number <span className="mono wrap-anywhere">{scored.person}</span>; write it down if you may want them erased.</Hint>
      </div>
    </section>
  );
}
