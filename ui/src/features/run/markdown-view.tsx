import type { ReactNode } from "react";
import { type Block, blocks, type Inline } from "./markdown";

const HEADINGS = ["text-lg", "text-base", "text-[0.9375rem]", "text-sm", "text-sm", "text-sm"];

/** Markdown that a run wrote. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="max-w-prose space-y-2.5 break-words">
      {blocks(text).map((block, place) => (
        <BlockView key={place} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      return <p className={`font-semibold ${HEADINGS[block.level - 1]}`}>{inlines(block.text)}</p>;
    case "paragraph":
      return <p>{inlines(block.text)}</p>;
    case "quote":
      return <blockquote className="border-line-strong border-l-2 pl-3 text-soft">{inlines(block.text)}</blockquote>;
    case "code":
      return (
        <pre className="overflow-x-auto rounded-lg bg-sunk px-3 py-2 font-mono text-[0.8125rem]">{block.text}</pre>
      );
    case "rule":
      return <hr className="border-line" />;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List className={`space-y-1 pl-5 ${block.ordered ? "list-decimal" : "list-disc"}`}>
          {block.items.map((item, place) => (
            <li key={place}>{inlines(item)}</li>
          ))}
        </List>
      );
    }
    case "table":
      return <Grid head={block.head.map(inlines)} rows={block.rows.map((row) => row.map(inlines))} />;
  }
}

/** Cells in rows, scrolled sideways where they are many. */
export function Grid({ head, rows }: { head: ReactNode[]; rows: ReactNode[][] }) {
  return (
    <section
      aria-label="Table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto"
    >
      <table className="border-collapse text-left text-[0.8125rem]">
        <thead>
          <tr className="border-line border-b">
            {head.map((cell, place) => (
              <th key={place} scope="col" className="max-w-80 truncate px-3 py-1.5 font-medium text-soft first:pl-0">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at} className="border-line border-b last:border-b-0">
              {row.map((cell, place) => (
                <td key={place} className="max-w-96 break-words px-3 py-1.5 align-top first:pl-0">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function inlines(text: Inline[]): ReactNode {
  return text.map((piece, place) => <Piece key={place} piece={piece} />);
}

function Piece({ piece }: { piece: Inline }) {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "code":
      return <code className="rounded bg-sunk px-1 py-0.5 font-mono text-[0.8125rem]">{piece.text}</code>;
    case "strong":
      return <strong className="font-semibold">{piece.text}</strong>;
    case "em":
      return <em>{piece.text}</em>;
    case "strike":
      return <s>{piece.text}</s>;
    case "link":
      return <Outside href={piece.href}>{piece.text}</Outside>;
  }
}

/** A link away from here. */
export function Outside({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="text-accent underline decoration-1">
      {children}
    </a>
  );
}
