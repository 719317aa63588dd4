import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import Markdown from "../src/ui/Markdown";

const draw = (text: string) => renderToStaticMarkup(<Markdown text={text} onMark={() => undefined} />);

describe("markdown of strangers", () => {
  it("never becomes HTML, script or a fetched picture", () => {
    for (const text of [
      "<script>alert(1)</script>",
      '<img src=x onerror="alert(1)">',
      "![tracker](https://example.org/pixel.png)",
      "<iframe src='https://example.org'></iframe>",
      "<svg onload=alert(1)>",
      "<style>body{display:none}</style>",
    ]) {
      expect(draw(text)).not.toMatch(/<(script|img|iframe|svg|style)/i);
    }
  });

  it("loses no word of what was said", () => {
    expect(draw("<smiles> Hello, <b>you</b>.")).toContain("&lt;smiles&gt; Hello, &lt;b&gt;you&lt;/b&gt;.");
    expect(draw("<START>\nHello.")).toContain("&lt;START&gt;");
  });

  it("has no links that run", () => {
    for (const link of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]) {
      expect(draw(`[x](${link})`)).not.toMatch(/href="(javascript|data|vbscript)/i);
    }
    expect(draw("[x](https://example.org)")).toContain('rel="noreferrer noopener nofollow"');
  });

  it("draws what people write", () => {
    expect(draw("**bold** and `code`")).toContain("<strong>bold</strong> and <code>code</code>");
    expect(draw("| a | b |\n|---|---|\n| 1 | 2 |")).toContain("<table>");
  });

  it("makes buttons of its own marks alone", () => {
    expect(draw("Yes. [1](#source-1)")).toContain('aria-label="Source 1"');
    expect(draw("[1](#other)")).not.toContain("aria-label");
  });
});
