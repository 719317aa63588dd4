import { AlertTriangle, Info, type LucideIcon, Search } from "lucide-react";
import {
  type ButtonHTMLAttributes,
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useId,
  useRef,
} from "react";

import type { Problem } from "../api/client";

type Kind = "primary" | "quiet" | "danger" | "plain";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  small?: boolean;
  icon?: LucideIcon;
}

/** A button; with an icon alone it needs an aria-label. */
export function Button({ kind = "plain", small, icon: Icon, children, className = "", ...rest }: ButtonProps) {
  const classes = ["btn", kind === "plain" ? "" : kind, small ? "small" : "", children ? "" : "icon", className];
  return (
    <button type="button" className={classes.filter(Boolean).join(" ")} title={children ? undefined : rest["aria-label"]} {...rest}>
      {Icon ? <Icon size={small ? 15 : 17} aria-hidden /> : null}
      {children}
    </button>
  );
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: (props: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
}

/** A labelled control with its hint and its error, tied together for screen readers. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described, "aria-invalid": error ? true : undefined })}
      {hint && !error ? <span className="hint" id={`${id}-hint`}>{hint}</span> : null}
      {error ? <span className="error" id={`${id}-error`}>{error}</span> : null}
    </div>
  );
}

interface TextProps extends Omit<ComponentProps<"input">, "onChange" | "value"> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  value: string;
  onText: (text: string) => void;
}

export function TextField({ label, hint, error, value, onText, ...rest }: TextProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => <input className="input" {...rest} {...props} value={value} onChange={(event) => onText(event.target.value)} />}
    </Field>
  );
}

interface AreaProps extends Omit<ComponentProps<"textarea">, "onChange" | "value"> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  value: string;
  onText: (text: string) => void;
}

export function TextArea({ label, hint, error, value, onText, ...rest }: AreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => <textarea className="textarea" {...rest} {...props} value={value} onChange={(event) => onText(event.target.value)} />}
    </Field>
  );
}

interface SelectProps {
  label: string;
  hint?: ReactNode;
  value: string;
  options: readonly (readonly [value: string, title: string])[];
  onText: (text: string) => void;
  disabled?: boolean;
}

export function SelectField({ label, hint, value, options, onText, disabled }: SelectProps) {
  return (
    <Field label={label} hint={hint}>
      {(props) => (
        <select className="select" {...props} value={value} disabled={disabled} onChange={(event) => onText(event.target.value)}>
          {options.map(([key, title]) => (
            <option key={key} value={key}>{title}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function SearchBox({ label, value, onText }: { label: string; value: string; onText: (text: string) => void }) {
  return (
    <div className="search">
      <Search size={16} aria-hidden />
      <input className="input" type="search" data-search aria-label={label} placeholder={label} value={value} onChange={(event) => onText(event.target.value)} />
    </div>
  );
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, title: string])[];
  onPick: (value: T) => void;
}

/** A choice of few, all visible. */
export function Segmented<T extends string>({ label, value, options, onPick }: SegmentedProps<T>) {
  return (
    <div className="segmented" role="group" aria-label={label}>
      {options.map(([key, title]) => (
        <button key={key} type="button" aria-pressed={key === value} onClick={() => onPick(key)}>{title}</button>
      ))}
    </div>
  );
}

interface TabsProps<T extends string> {
  label: string;
  value: T;
  tabs: readonly (readonly [value: T, title: ReactNode])[];
  onPick: (value: T) => void;
  children: ReactNode;
}

/** Tabs by the ARIA pattern: arrows move, one tab stop. */
export function Tabs<T extends string>({ label, value, tabs, onPick, children }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex(([key]) => key === value);
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const to = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : (at + step + tabs.length) % tabs.length;
    if (step === 0 && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    const next = tabs[to];
    if (!next) return;
    onPick(next[0]);
    list.current?.querySelectorAll<HTMLButtonElement>("[role=tab]")[to]?.focus();
  };
  return (
    <div className="stack">
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map(([key, title]) => (
          <button key={key} type="button" role="tab" id={`${id}-${key}`} aria-selected={key === value} aria-controls={`${id}-panel`} tabIndex={key === value ? 0 : -1} onClick={() => onPick(key)}>
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>{children}</div>
    </div>
  );
}

export function Badge({ tone = "", children }: { tone?: "" | "good" | "warn" | "bad" | "info" | "accent"; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

export function Meter({ value, label, tone = "" }: { value: number; label: string; tone?: "" | "warn" | "bad" }) {
  const share = Math.max(0, Math.min(1, Number.isFinite(value) ? value : 0));
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
      <i className={tone} style={{ width: `${share * 100}%` }} />
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** What a page says before there is anything on it: what it is for, and the first step. */
export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <span className="glyph"><Icon size={22} aria-hidden /></span>
      <h2>{title}</h2>
      <p>{children}</p>
      {action ? <div className="row wrap" style={{ justifyContent: "center" }}>{action}</div> : null}
    </div>
  );
}

/** What went wrong, where, and what to do. */
export function Fault({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div className="note bad" role="alert">
      <div className="row top">
        <AlertTriangle size={17} aria-hidden style={{ flex: "none", marginTop: 3 }} />
        <div className="grow stack tight">
          <strong>{problem.message}</strong>
          {problem.where ? <span className="small mono">{problem.where}</span> : null}
          {problem.remedy ? <span className="small">What to do: {problem.remedy}</span> : null}
          {retry ? <div><Button small onClick={retry}>Try again</Button></div> : null}
        </div>
      </div>
    </div>
  );
}

export function Hint({ tone = "", children }: { tone?: "" | "warn" | "good" | "bad"; children: ReactNode }) {
  return (
    <div className={`note ${tone}`}>
      <div className="row top">
        <Info size={16} aria-hidden style={{ flex: "none", marginTop: 4 }} />
        <div className="grow">{children}</div>
      </div>
    </div>
  );
}

export function Waiting({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className="stack" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className="skeleton" style={{ height: index === 0 ? 42 : 22, width: `${92 - index * 14}%` }} />
      ))}
    </div>
  );
}
