import { useId } from "react";

interface Props {
  label: string;
  hint: string;
  error?: string | undefined;
  /** What is chosen, separated by commas. */
  value: string;
  choices: string[];
  onText: (text: string) => void;
}

/** Some of several, as a text with commas. */
export function SomeField({ label, hint, error, value, choices, onText }: Props) {
  const id = useId();
  const chosen = value.split(",").map((one) => one.trim()).filter(Boolean);
  const turn = (one: string) => onText((chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]).join(","));
  return (
    <div className="field" role="group" aria-labelledby={id} aria-describedby={error ? `${id}-error` : undefined}>
      <span className="label" id={id}>{label}</span>
      <div className="row wrap some">
        {choices.map((one) => <label key={one} className="check"><input type="checkbox" checked={chosen.includes(one)} onChange={() => turn(one)} /><span className="small">{one}</span></label>)}
      </div>
      {error ? <span className="error" id={`${id}-error`}>{error}</span> : <span className="hint">{hint}</span>}
    </div>
  );
}
