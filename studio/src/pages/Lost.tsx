import { MapPinOff } from "lucide-react";
import { Link } from "wouter";

import { Empty } from "../ui/controls";

export default function Lost() {
  return (
    <div className="page">
      <h1 className="visually-hidden">Not found</h1>
      <Empty icon={MapPinOff} title="There is no such page" action={<Link className="btn primary" href="/personas">To the personas</Link>}>
        The address may be mistyped, or what it named was deleted.
      </Empty>
    </div>
  );
}
