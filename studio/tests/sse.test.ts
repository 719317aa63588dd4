import { describe, expect, it } from "vitest";

import { EventReader, events } from "../src/lib/sse";

const STREAM = 'event: start\ndata: {"a":1}\n\n: ping\n\nevent: delta\ndata: one\ndata: two\n\ndata:plain\n\n';

describe("server-sent events", () => {
  it("reads names, several lines of data, and leaves comments out", () => {
    expect(new EventReader().feed(STREAM)).toEqual([
      { event: "start", data: '{"a":1}', id: "" },
      { event: "delta", data: "one\ntwo", id: "" },
      { event: "message", data: "plain", id: "" },
    ]);
  });

  it("gives the same however the stream is cut", () => {
    const whole = new EventReader().feed(STREAM);
    for (let cut = 1; cut < STREAM.length; cut += 1) {
      const reader = new EventReader();
      expect([...reader.feed(STREAM.slice(0, cut)), ...reader.feed(STREAM.slice(cut))]).toEqual(whole);
    }
  });

  it("keeps what is not complete", () => {
    const reader = new EventReader();
    expect(reader.feed("data: half")).toEqual([]);
    expect(reader.feed(" of it\n\n")).toEqual([{ event: "message", data: "half of it", id: "" }]);
  });

  it("understands other line ends and ids", () => {
    expect(new EventReader().feed("id: 7\r\ndata: x\r\n\r\n")).toEqual([{ event: "message", data: "x", id: "7" }]);
  });

  it("reads a response whose characters are cut in two", async () => {
    const bytes = new TextEncoder().encode("data: grüße\n\n");
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        for (const byte of bytes) stream.enqueue(new Uint8Array([byte]));
        stream.close();
      },
    });
    const seen = [];
    for await (const event of events(new Response(body))) seen.push(event.data);
    expect(seen).toEqual(["grüße"]);
  });
});
