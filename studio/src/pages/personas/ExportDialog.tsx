import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { type DragEvent, useState } from "react";

import { address, api, type Problem } from "../../api/client";
import type { Format } from "../../api/types";
import { plural } from "../../lib/words";
import { Button, Fault, Hint, SelectField } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";

/** A persona as a file of another tool, with what that format cannot hold. */
export function ExportDialog({ slug, version, isDirty, onClose }: { slug: string; version: number; isDirty: boolean; onClose: () => void }) {
  const formats = useQuery<{ items: Format[] }, Problem>({ queryKey: ["formats"], queryFn: () => api.get("/api/formats"), staleTime: Infinity });
  const usable = (formats.data?.items ?? []).filter((format) => format.can_export);
  const [picked, setPicked] = useState("");
  const key = picked || usable[0]?.key || "";
  const report = useQuery<{ lost: { path: string; reason: string }[]; notes: string[] }, Problem>({
    queryKey: ["export", slug, key, version],
    queryFn: () => api.get(`/api/personas/${slug}/export/report`, { format: key, version }),
    enabled: key !== "",
  });
  const format = usable.find((one) => one.key === key);
  const href = address(`/api/personas/${slug}/export`, { format: key, version });
  // Browsers that know this kind of data save the file where the button is dropped, as in a folder.
  const drag = (event: DragEvent) => {
    if (format) event.dataTransfer.setData("DownloadURL", `${format.media_type}:${slug}${format.extension}:${new URL(href, window.location.href).href}`);
  };
  return (
    <Dialog
      title="Export"
      lead="Before a format loses something, it says so. The button can be dragged to a folder, too."
      onClose={onClose}
      footer={<>
        <Button onClick={onClose}>Close</Button>
        {key ? <a className="btn primary" download draggable href={href} onDragStart={drag}><Download size={17} aria-hidden />Download</a> : null}
      </>}
    >
      {isDirty ? <Hint tone="warn">This is version {version} as it was saved: what you have changed since is not in it. Save first to have it in the file.</Hint> : null}
      {formats.error ? <Fault problem={formats.error} /> : null}
      <SelectField label="Format" value={key} options={usable.map((format) => [format.key, `${format.title} (${format.extension})`] as const)} onText={setPicked} />
      {report.error ? <Fault problem={report.error} /> : null}
      {report.data?.lost.length === 0 ? <Hint tone="good">Nothing is lost: reading the file back gives this persona.</Hint> : null}
      {report.data?.lost.length ? (
        <Hint tone="warn">
          <strong>{plural(report.data.lost.length, "field")} will not be in the file</strong>
          <ul>{report.data.lost.map((lost) => <li key={lost.path} className="small"><span className="mono">{lost.path}</span>: {lost.reason}</li>)}</ul>
        </Hint>
      ) : null}
      {report.data?.notes.map((note) => <p key={note} className="small muted">{note}</p>)}
    </Dialog>
  );
}
