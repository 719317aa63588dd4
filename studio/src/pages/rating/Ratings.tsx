import { Plus, Scale } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { usePages } from "../../api/pages";
import type { RatingSet } from "../../api/types";
import { ago, plural } from "../../lib/words";
import { Badge, Button, Empty, Fault, Waiting } from "../../ui/controls";
import { More } from "../../ui/more";
import { NewRating } from "./NewRating";

export default function Ratings() {
  const list = usePages<RatingSet>("/api/ratings");
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="page">
      <div className="page-head">
        <div><h1>Rating</h1><p>People judge texts without knowing whose they are. How far they agree shows as they go, and their answers calibrate the judges that are models.</p></div>
        <Button kind="primary" icon={Plus} onClick={() => setOpen(true)}>New task</Button>
      </div>
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting /> : null}
      {list.data && list.items.length === 0 ? (
        <Empty icon={Scale} title="Nothing to rate yet" action={<Button kind="primary" icon={Plus} onClick={() => setOpen(true)}>Make a task</Button>}>
          Put texts of two systems against each other, or rate each on a scale. Texts can be pasted, or come from your
          conversations. Sides and orders are shuffled for each rater, and the keyboard is enough.
        </Empty>
      ) : null}
      <ul className="grid wide plain">
        {list.items.map((one) => (
          <li key={one.id}>
            <Link className="card pad experiment" href={`/rating/${one.id}`}>
              <span className="row between"><strong>{one.title}</strong><Badge tone="info">{one.kind}</Badge></span>
              <span className="small muted clamp">{one.question}</span>
              <span className="tiny muted">{plural(one.tasks, one.kind === "pairwise" ? "pair" : "text")} · {plural(one.raters, "rater")} · {plural(one.answers, "answer")} · {ago(one.created)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <More list={list} />
      {isOpen ? <NewRating onClose={() => setOpen(false)} /> : null}
    </div>
  );
}
