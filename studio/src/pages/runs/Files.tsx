import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";

import { api, type Problem } from "../../api/client";
import type { RunFile } from "../../api/types";
import { bytes } from "../../lib/words";
import { Fault, Waiting } from "../../ui/controls";

export function Files({ id }: { id: string }) {
  const list = useQuery<{ items: RunFile[] }, Problem>({ queryKey: ["files", id], queryFn: () => api.get(`/api/runs/${encodeURIComponent(id)}/files`) });
  if (list.error) return <Fault problem={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Waiting />;
  if (list.data.items.length === 0) return <p className="muted">The run has written no files yet.</p>;
  return (
    <ul className="plain stack tight">
      {list.data.items.map((file) => (
        <li key={file.name} className="card pad row between wrap">
          <div><strong>{file.title || file.name}</strong><div className="tiny muted"><span className="mono">{file.name}</span> · {bytes(file.bytes)}</div></div>
          <a className="btn small" download href={`/api/runs/${encodeURIComponent(id)}/files/${encodeURIComponent(file.name)}`}><Download size={15} aria-hidden />Download<span className="visually-hidden"> {file.name}</span></a>
        </li>
      ))}
    </ul>
  );
}
