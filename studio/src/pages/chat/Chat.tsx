import { useQueryClient } from "@tanstack/react-query";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";

import { usePages } from "../../api/pages";
import type { Conversation } from "../../api/types";
import { useKept } from "../../lib/hooks";
import { Button } from "../../ui/controls";
import { Begin } from "./Begin";
import { List } from "./List";
import { Room } from "./Room";

/** Conversations beside the one that is open. */
export default function Chat({ id }: { id?: string }) {
  const [isOpen, setOpen] = useKept("personae.conversations", true);
  const client = useQueryClient();
  const list = usePages<Conversation & { last: string }>("/api/conversations");
  const changed = () => void client.invalidateQueries({ queryKey: ["/api/conversations"] });
  return (
    <div className={`chat ${isOpen ? "" : "closed"} ${id ? "with-room" : ""}`}>
      <aside className="chat-list" aria-label="Conversations">
        <div className="row between">
          {isOpen ? <h2>Conversations</h2> : null}
          <Button kind="quiet" small className="hide-narrow" icon={isOpen ? PanelLeftClose : PanelLeftOpen} aria-label={isOpen ? "Hide the list" : "Show the list"} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} />
        </div>
        {isOpen || !id ? <List current={id} /> : null}
      </aside>
      <div className="chat-main">
        {id ? <Room key={id} id={id} onChanged={changed} /> : <Begin isFirst={list.data !== undefined && list.items.length === 0} />}
      </div>
    </div>
  );
}
