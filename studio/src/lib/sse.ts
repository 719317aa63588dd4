/** Server-sent events over fetch: EventSource cannot POST. */

export interface ServerEvent {
  event: string;
  data: string;
  id: string;
}

/** Splits a growing text into events; what is not complete yet is kept for the next piece. */
export class EventReader {
  private rest = "";
  private id = "";

  /** Takes a piece of the stream and gives the events that it completed. */
  feed(piece: string): ServerEvent[] {
    this.rest += piece;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n\r\n|\n\n|\r\r/.exec(this.rest);
      if (!end) return events;
      const block = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const event = this.read(block);
      if (event) events.push(event);
    }
  }

  private read(block: string): ServerEvent | null {
    let name = "message";
    const data: string[] = [];
    for (const line of block.split(/\r\n|\n|\r/)) {
      if (line === "" || line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") name = value;
      else if (field === "data") data.push(value);
      else if (field === "id") this.id = value;
    }
    return data.length ? { event: name, data: data.join("\n"), id: this.id } : null;
  }
}

/** Reads the events of a response until it ends. */
export async function* events(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = new EventReader();
  const stream = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await stream.read();
      if (done) return;
      yield* reader.feed(value);
    }
  } finally {
    await stream.cancel().catch(() => undefined);
  }
}
