import { Keyboard } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { Button } from "./controls";
import { Dialog } from "./dialog";

/** Whether a key press belongs to something that is typed into. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

type Page = [key: string, title: string, go: () => void];

/** Keys that work everywhere: g and a letter goes to a page, / to the search, ? explains. */
export function Shortcuts({ pages }: { pages: Page[] }) {
  const [open, setOpen] = useState(false);
  const waiting = useRef(0);
  const shown = useRef(pages);
  shown.current = pages;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (document.querySelector("dialog[open]")) return;
      const isSecond = Date.now() - waiting.current < 1500;
      waiting.current = event.key === "g" ? Date.now() : 0;
      if (isSecond) {
        const page = shown.current.find(([key]) => key === event.key);
        if (page) { event.preventDefault(); page[2](); }
      } else if (event.key === "/") {
        const box = document.querySelector<HTMLInputElement>("[data-search]");
        if (box) { event.preventDefault(); box.focus(); }
      } else if (event.key === "?") {
        event.preventDefault();
        setOpen(true);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <Button kind="quiet" small icon={Keyboard} aria-label="Keyboard shortcuts" onClick={() => setOpen(true)} />
      {open ? (
        <Dialog title="Keyboard" lead="Everything in the studio can be reached without a mouse." onClose={() => setOpen(false)}>
          <table className="data">
            <thead><tr><th>Keys</th><th>What they do</th></tr></thead>
            <tbody>
              {pages.map(([key, title]) => (
                <tr key={key}><td className="nowrap"><kbd>g</kbd> <kbd>{key}</kbd></td><td>Go to {title}</td></tr>
              ))}
              <tr><td><kbd>/</kbd></td><td>Search on this page</td></tr>
              <tr><td className="nowrap"><kbd>Ctrl</kbd> <kbd>S</kbd></td><td>Save the persona</td></tr>
              <tr><td className="nowrap"><kbd>Enter</kbd></td><td>Send in the chat; <kbd>Shift</kbd> <kbd>Enter</kbd> begins a line</td></tr>
              <tr><td className="nowrap"><kbd>Esc</kbd></td><td>Stop the answers, close a dialog</td></tr>
              <tr><td className="nowrap"><kbd>1</kbd> … <kbd>9</kbd></td><td>Answer an item or a rating; <kbd>A</kbd> <kbd>B</kbd> <kbd>T</kbd> choose of two, <kbd>U</kbd> takes back</td></tr>
              <tr><td><kbd>?</kbd></td><td>This list</td></tr>
            </tbody>
          </table>
        </Dialog>
      ) : null}
    </>
  );
}
