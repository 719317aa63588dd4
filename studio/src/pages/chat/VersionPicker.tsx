import { ChevronLeft, ChevronRight } from "lucide-react";

import type { ChatMessage } from "../../api/types";
import { Button } from "../../ui/controls";

interface Props {
  versions: ChatMessage[];
  shown: ChatMessage;
  onPick: (message: ChatMessage) => void;
  what: string;
}

/** Steps through what stands at the same place of the conversation. */
export function VersionPicker({ versions, shown, onPick, what }: Props) {
  if (versions.length < 2) return null;
  const at = versions.findIndex((one) => one.id === shown.id);
  const step = (by: number) => { const next = versions[at + by]; if (next) onPick(next); };
  return (
    <span className="row versions">
      <Button kind="quiet" small icon={ChevronLeft} aria-label={`Earlier ${what}`} disabled={at <= 0} onClick={() => step(-1)} />
      <span className="tiny num muted">{at + 1} of {versions.length}</span>
      <Button kind="quiet" small icon={ChevronRight} aria-label={`Later ${what}`} disabled={at >= versions.length - 1} onClick={() => step(1)} />
    </span>
  );
}
