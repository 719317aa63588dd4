import { Download } from "lucide-react";
import { useState } from "react";

import { address } from "../../api/client";
import { Button, SelectField } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";

export function SaveDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [format, setFormat] = useState("markdown");
  return (
    <Dialog
      title="Save as transcript"
      lead="Markdown and JSON say who spoke, with which version of the persona and which model, and what each answer was given to draw on."
      onClose={onClose}
      footer={<><Button onClick={onClose}>Close</Button><a className="btn primary" download href={address(`/api/conversations/${id}/export`, { format })}><Download size={17} aria-hidden />Download</a></>}
    >
      <SelectField label="Format" value={format} onText={setFormat} options={[["markdown", "Markdown: the shown branch, to read"], ["json", "JSON: everything, with all branches"], ["jsonl", "JSONL: a line of messages for each branch, as fine-tuning wants it"]]} />
    </Dialog>
  );
}
