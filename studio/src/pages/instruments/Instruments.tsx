import { ClipboardList } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { usePages } from "../../api/pages";
import type { InstrumentSummary } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { plural } from "../../lib/words";
import { Badge, Empty, Fault, SearchBox, Waiting } from "../../ui/controls";
import { More } from "../../ui/more";

export default function Instruments() {
  const [words, setWords] = useState("");
  const asked = useSettled(words);
  const list = usePages<InstrumentSummary>("/api/instruments", { q: asked }, 60);
  return (
    <div className="page">
      <div className="page-head"><div><h1>Instruments</h1><p>Questionnaires as they were published: read one, take it yourself, or send it to people whose answers stand beside those of models.</p></div></div>
      <div className="row wrap between"><SearchBox label="Search instruments" value={words} onText={setWords} /><span className="small muted" role="status">{list.total === null ? "" : plural(list.total, "instrument")}</span></div>
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting lines={4} /> : null}
      {list.data && list.items.length === 0 ? <Empty icon={ClipboardList} title="No instrument matches">Search looks at titles, scales and citations. Your own questionnaires can be given to runs from the command line.</Empty> : null}
      <ul className="grid wide plain">
        {list.items.map((one) => (
          <li key={one.key}>
            <Link className="card pad experiment" href={`/instruments/${encodeURIComponent(one.key)}`}>
              <span className="row between"><strong>{one.title}</strong><Badge>{plural(one.items, "item")}</Badge></span>
              <span className="small muted clamp">{one.scales.join(", ")}</span>
              <span className="row wrap tiny muted">{one.has_texts ? null : <Badge tone="warn">bring your own texts</Badge>}<span>{one.language}</span><span>· {one.licence.name}</span></span>
            </Link>
          </li>
        ))}
      </ul>
      <More list={list} />
    </div>
  );
}
