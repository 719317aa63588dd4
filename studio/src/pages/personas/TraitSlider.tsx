import { Eraser, Plus } from "lucide-react";
import { useId } from "react";

import type { TraitInfo } from "../../api/types";
import { levelWord, percentileWords } from "../../lib/traits";
import { Button } from "../../ui/controls";

interface Props {
  trait: TraitInfo;
  value: number | undefined;
  onChange: (z: number | undefined) => void;
}

/** A trait as a z-score, said in words: the nine levels and the share of people below. */
export function TraitSlider({ trait, value, onChange }: Props) {
  const id = useId();
  const isSet = value !== undefined;
  const words = isSet ? `${levelWord(value)}, ${percentileWords(value)}` : "not stated";
  return (
    <div className="trait">
      <div className="row between">
        <label htmlFor={id} className="label">{trait.title}</label>
        <span className="row tiny">
          <span className={isSet ? "trait-words" : "muted"}>{words}</span>
          {isSet ? (
            <Button kind="quiet" small icon={Eraser} aria-label={`Say nothing about ${trait.title}`} onClick={() => onChange(undefined)} />
          ) : (
            <Button kind="quiet" small icon={Plus} aria-label={`State ${trait.title}`} onClick={() => onChange(0)} />
          )}
        </span>
      </div>
      <div className="trait-scale">
        <span className="tiny muted">{trait.low}</span>
        <input
          id={id}
          type="range"
          min={-3}
          max={3}
          step={0.1}
          value={value ?? 0}
          data-unset={isSet ? undefined : ""}
          aria-valuetext={isSet ? `${words}, z ${value}` : words}
          onChange={(event) => onChange(Math.round(Number(event.target.value) * 10) / 10)}
        />
        <span className="tiny muted end">{trait.high}</span>
        <input
          className="input num z"
          type="number"
          min={-6}
          max={6}
          step={0.1}
          aria-label={`${trait.title}, z-score`}
          placeholder="z"
          value={value ?? ""}
          onChange={(event) => {
            const z = Number(event.target.value);
            onChange(event.target.value === "" || !Number.isFinite(z) ? undefined : Math.max(-6, Math.min(6, z)));
          }}
        />
      </div>
    </div>
  );
}
