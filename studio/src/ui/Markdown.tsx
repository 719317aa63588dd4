import { memo } from "react";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

interface Props {
  text: string;
  onMark?: (number: number) => void;
}

/**
 * Markdown without HTML: tags that a model or a card writes are shown as the text they are, never made elements. Pictures are
 * shown as their words, so that no text can make the browser fetch an address.
 */
export default memo(function Markdown({ text, onMark }: Props) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      components={{
        a: ({ href, children }) => {
          const mark = /^#source-(\d+)$/.exec(href ?? "");
          if (mark && onMark) {
            const number = Number(mark[1]);
            return <sup><button type="button" className="mark" aria-label={`Source ${number}`} onClick={() => onMark(number)}>{number}</button></sup>;
          }
          if (!href) return <span>{children}</span>;
          return <a href={href} target="_blank" rel="noreferrer noopener nofollow">{children}</a>;
        },
        p: ({ children }) => <p dir="auto">{children}</p>,
        li: ({ children }) => <li dir="auto">{children}</li>,
        img: ({ alt }) => <span className="muted">[picture: {alt || "no description"}]</span>,
        h1: ({ children }) => <p><strong>{children}</strong></p>,
        h2: ({ children }) => <p><strong>{children}</strong></p>,
        h3: ({ children }) => <p><strong>{children}</strong></p>,
        h4: ({ children }) => <p><strong>{children}</strong></p>,
        input: ({ checked }) => <span>{checked ? "☑" : "☐"}</span>,
        pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
      }}
    >
      {text}
    </ReactMarkdown>
  );
});
