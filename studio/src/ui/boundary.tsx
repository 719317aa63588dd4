import { Component, type ReactNode } from "react";

import { Problem } from "../api/client";
import { Fault } from "./controls";

interface Props {
  /** Another value, as after going to another page, tries again. */
  at: string;
  children: ReactNode;
}

/** Keeps a fault of one page to that page: it is told, and the rest of the studio stays usable. */
export class Boundary extends Component<Props, { error: unknown; at: string }> {
  override state = { error: null as unknown, at: this.props.at };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: { error: unknown; at: string }) {
    return props.at === state.at ? null : { error: null, at: props.at };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    const said = this.state.error instanceof Error ? this.state.error.message : String(this.state.error);
    // A page that was opened before an update asks for files that are no longer there.
    const isOld = /dynamically imported module|Importing a module|preload CSS/.test(said);
    const problem = isOld
      ? new Problem("old", "The studio was updated since this page was opened.", "", "Load the page again; what was typed is kept.")
      : new Problem("page", "This page has a fault of its own.", said, "Load it again; what was saved is safe. If it comes back, please report it.");
    return <div className="page"><h1>Something went wrong</h1><Fault problem={problem} retry={() => window.location.reload()} /></div>;
  }
}
