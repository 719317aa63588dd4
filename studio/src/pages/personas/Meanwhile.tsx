import { Check, X } from "lucide-react";

import type { Clash } from "../../lib/merge";
import { pathWords } from "../../lib/paths";
import { plural } from "../../lib/words";
import { Button, Hint } from "../../ui/controls";

export interface SavedMeanwhile {
  version: number;
  theirs: string[];
  clashes: Clash[];
}

interface Props {
  saved: SavedMeanwhile;
  onTheirs: (clash: Clash) => void;
  onSeen: () => void;
}

const shown = (value: unknown) => (value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value));

/** Somebody saved while this was edited: what came from them, and which fields both have changed. */
export function Meanwhile({ saved, onTheirs, onSeen }: Props) {
  return (
    <Hint tone="warn">
      <div className="stack tight" role="status" aria-label="Saved meanwhile">
        <strong>Version {saved.version} was saved meanwhile, here in another tab or by somebody else</strong>
        <p className="small">
          {saved.theirs.length ? `Its changes were put beside yours: ${saved.theirs.map(pathWords).join(", ")}. ` : ""}
          {saved.clashes.length ? `${plural(saved.clashes.length, "field")} you both changed; yours stands unless you take theirs.` : "Nothing of yours is lost: save to make both the newest version."}
        </p>
        {saved.clashes.map((clash) => (
          <div key={clash.path} className="row wrap between">
            <span className="small grow"><span className="label">{pathWords(clash.path)}</span><br />theirs: <span className="prewrap wrap-anywhere">{shown(clash.theirs)}</span></span>
            <Button small icon={Check} aria-label={`Take theirs for ${pathWords(clash.path)}`} onClick={() => onTheirs(clash)}>Take theirs</Button>
          </div>
        ))}
        <div><Button small icon={X} onClick={onSeen}>I have seen this</Button></div>
      </div>
    </Hint>
  );
}
