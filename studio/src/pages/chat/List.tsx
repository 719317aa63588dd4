import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { usePages } from "../../api/pages";
import type { Conversation } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { ago } from "../../lib/words";
import { Fault, SearchBox } from "../../ui/controls";
import { More } from "../../ui/more";

export function List({ current }: { current: string | undefined }) {
  const [words, setWords] = useState("");
  const asked = useSettled(words);
  const list = usePages<Conversation & { last: string }>("/api/conversations", { q: asked });
  return (
    <>
      <Link href="/chat" className="btn"><Plus size={16} aria-hidden />New conversation</Link>
      {list.items.length > 5 || words ? <SearchBox label="Search conversations" value={words} onText={setWords} /> : null}
      {list.error ? <Fault problem={list.error} /> : null}
      <ul className="plain">
        {list.items.map((one) => (
          <li key={one.id}>
            <Link href={`/chat/${one.id}`} className="conversation" aria-current={one.id === current ? "page" : undefined}>
              <span className="row between"><strong dir="auto">{one.title || "Untitled"}</strong><span className="tiny muted nowrap">{ago(one.updated)}</span></span>
              <span className="tiny muted clamp">{one.seats.filter((seat) => seat.kind !== "human").map((seat) => seat.name).join(", ")}{one.last ? `: ${one.last}` : ""}</span>
            </Link>
          </li>
        ))}
      </ul>
      <More list={list} />
    </>
  );
}
