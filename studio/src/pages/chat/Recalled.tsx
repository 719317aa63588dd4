import type { Recalled as Found } from "../../api/types";
import { pathWords } from "../../lib/paths";
import { count } from "../../lib/words";

const HOW: Record<Found["how"], string> = {
  words: "found by the words of what was said",
  vectors: "found by an embedding model",
  importance: "nothing fitted what was said; these are the most important",
  whole: "all were in the prompt",
  none: "none was in the prompt",
};

/** What a persona was given of its memories and knowledge for one reply. */
export function Recalled({ found }: { found: Found }) {
  const { passages, among, how } = found;
  if (how === "whole" || how === "none") {
    return <p className="tiny muted">Memories and knowledge: {HOW[how]}{how === "whole" ? `, ${count(found.tokens)} tokens` : ""}.</p>;
  }
  return (
    <details className="sources">
      <summary className="small">Given to draw on: {passages.length} of {count(among)} passages</summary>
      <p className="tiny muted">{HOW[how][0]?.toUpperCase()}{HOW[how].slice(1)}, {count(found.tokens)} tokens.{found.trouble ? ` ${found.trouble}` : ""}</p>
      <ul className="recalled">
        {passages.map((one) => (
          <li key={`${one.path}-${one.start}`}>
            <span className="label tiny">{pathWords(one.path)}</span> <span className="small" dir="auto">{one.text}</span>
            {one.by ? <span className="tiny muted block">From {one.by}{one.licence ? ` · ${one.licence}` : ""}</span> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
