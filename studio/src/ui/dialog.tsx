import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";

import { Button } from "./controls";

interface DialogProps {
  title: string;
  lead?: ReactNode;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
}

/** A modal dialog: the browser's own, which traps the focus and closes on Escape. */
export function Dialog({ title, lead, onClose, children, footer, wide }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const isTyped = useRef(false);
  // Escape, or a click beside the dialog, is soon done by mistake: what was typed does not go without being asked.
  const leave = () => { if (!isTyped.current || window.confirm("Close this, and forget what you entered?")) onClose(); };
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? "wide" : undefined}
      aria-labelledby={id}
      onClose={onClose}
      onInput={(event) => { if (event.target instanceof HTMLTextAreaElement || (event.target instanceof HTMLInputElement && /^(text|number)$/.test(event.target.type))) isTyped.current = true; }}
      onCancel={(event) => { event.preventDefault(); leave(); }}
      onPointerDown={(event) => { if (event.target === ref.current) leave(); }}
    >
      <div className="dialog">
        <header>
          <div className="stack tight">
            <h2 id={id}>{title}</h2>
            {lead ? <p className="muted small">{lead}</p> : null}
          </div>
          <Button kind="quiet" small icon={X} aria-label="Close" onClick={onClose} />
        </header>
        <div className="body">{children}</div>
        {footer ? <footer>{footer}</footer> : null}
      </div>
    </dialog>
  );
}
