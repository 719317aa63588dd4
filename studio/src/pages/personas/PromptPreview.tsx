import { Copy, Wand2 } from "lucide-react";

import type { Lint, Preview } from "../../api/types";
import { copyText } from "../../lib/browser";
import { useKept } from "../../lib/hooks";
import { pathWords } from "../../lib/paths";
import { count, plural } from "../../lib/words";
import { Badge, Button, Meter, TextField } from "../../ui/controls";
import { useToast } from "../../ui/toast";

interface Props {
  preview: Preview | undefined;
  isStale: boolean;
  onFix: (fix: { path: string; value: unknown }) => void;
}

/** What a model would read, by renderer, against a budget of tokens. */
export function PromptPreview({ preview, isStale, onFix }: Props) {
  const [renderer, setRenderer] = useKept("personae.renderer", "second-person");
  const [budget, setBudget] = useKept("personae.budget", 400);
  const say = useToast();
  const prompts = preview?.prompts ?? [];
  const shown = prompts.find((prompt) => prompt.renderer === renderer) ?? prompts[0];
  return (
    <section className="card" aria-label="Prompt preview" aria-busy={isStale}>
      <header>
        <h2>What the model reads</h2>
        {shown?.text ? <Button kind="quiet" small icon={Copy} aria-label="Copy the prompt" onClick={() => void copyText(shown.text).then((isCopied) => say(isCopied ? "Prompt copied" : "This browser does not let pages copy: mark the prompt and copy it"))} /> : null}
      </header>
      <div className="body stack">
        <div className="renderers" role="group" aria-label="Renderers, with their tokens">
          {prompts.map((prompt) => (
            <button key={prompt.renderer} type="button" className="renderer" aria-pressed={prompt === shown} onClick={() => setRenderer(prompt.renderer)}>
              <span className="row between"><span>{prompt.identity}</span><span className="num tiny">{count(prompt.tokens)}{prompt.tokens > budget ? " · over" : ""}</span></span>
              <Meter label={`${prompt.identity}: ${prompt.tokens} of ${budget} tokens`} value={prompt.tokens / Math.max(1, budget)} tone={prompt.tokens > budget ? "bad" : prompt.tokens > budget * 0.8 ? "warn" : ""} />
            </button>
          ))}
        </div>
        <pre className="block prompt" tabIndex={0} aria-label="The prompt">{shown?.text || "This renderer has nothing to say about this persona: no system message would be sent."}</pre>
        {shown?.searched ? <p className="small muted">Memories and knowledge, {count(shown.searched)} tokens, are more than a prompt gets ({count(shown.recall_tokens)}): for each reply, those that fit it are found and stand below this. The tokens count them.</p> : null}
        <div className="row between wrap" style={{ alignItems: "flex-end" }}>
          <div style={{ width: 130 }}><TextField label="Budget, tokens" type="number" min={1} value={String(budget)} onText={(text) => setBudget(Math.max(1, Number(text) || 1))} /></div>
          <span className="tiny muted">{preview ? `Tokens: ${preview.tokens_method}.` : ""}</span>
        </div>
        <Remarks lint={preview?.lint ?? []} onFix={onFix} isRead={Boolean(preview)} />
      </div>
    </section>
  );
}

const TONES = { error: "bad", warning: "warn", hint: "info" } as const;

function Remarks({ lint, onFix, isRead }: { lint: Lint[]; onFix: Props["onFix"]; isRead: boolean }) {
  if (!isRead) return null;
  return (
    <div className="stack tight">
      <h3>{lint.length ? plural(lint.length, "remark") : "No remarks"}</h3>
      <ul className="plain stack tight">
        {lint.map((one, index) => (
          <li key={`${one.path}-${index}`} className="remark">
            <div className="row wrap"><Badge tone={TONES[one.severity]}>{one.severity}</Badge><span className="tiny muted">{pathWords(one.path)}</span></div>
            <p className="small">{one.message}</p>
            {one.fix ? <div><Button small icon={Wand2} onClick={() => one.fix && onFix(one.fix)}>Fix it</Button></div> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
