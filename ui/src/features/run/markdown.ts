/** Markdown as a tree of blocks, for what runs write: headings, lists, tables, code, quotes, emphasis, links. There is no
 * raw HTML: a tag is text. */
export type Inline =
  | { kind: "text" | "code" | "strong" | "em" | "strike"; text: string }
  | { kind: "link"; text: string; href: string };

export type Block =
  | { kind: "heading"; level: number; text: Inline[] }
  | { kind: "paragraph" | "quote"; text: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

const MOST_LINES = 5000;

export function blocks(markdown: string): Block[] {
  const lines = markdown.replace(/\r\n?/g, "\n").split("\n").slice(0, MOST_LINES);
  const found: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const [block, next] = blockAt(lines, at);
    if (block) found.push(block);
    at = next;
  }
  return found;
}

const LIST = /^\s*(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/;

function blockAt(lines: string[], at: number): [Block | undefined, number] {
  const line = lines[at] ?? "";
  if (!line.trim()) return [undefined, at + 1];
  if (/^\s*(```|~~~)/.test(line)) return fence(lines, at);
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading) return [{ kind: "heading", level: heading[1]?.length ?? 1, text: inline(heading[2] ?? "") }, at + 1];
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return [{ kind: "rule" }, at + 1];
  if (LIST.test(line)) return list(lines, at);
  if (line.includes("|") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[at + 1] ?? ""))
    return table(lines, at);
  const quoted = /^\s*>/.test(line);
  let end = at;
  const parts: string[] = [];
  while (end < lines.length && isProse(lines[end] ?? "", end === at) && /^\s*>/.test(lines[end] ?? "") === quoted) {
    parts.push((lines[end] ?? "").replace(/^\s*>\s?/, "").trim());
    end++;
  }
  return [{ kind: quoted ? "quote" : "paragraph", text: inline(parts.join(" ")) }, Math.max(end, at + 1)];
}

function isProse(line: string, first: boolean): boolean {
  return first || (line.trim() !== "" && !/^\s*(```|~~~|#{1,6}\s)/.test(line) && !LIST.test(line));
}

function fence(lines: string[], at: number): [Block, number] {
  const mark = (lines[at] ?? "").trim().slice(0, 3);
  let end = at + 1;
  while (end < lines.length && !(lines[end] ?? "").trim().startsWith(mark)) end++;
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function list(lines: string[], at: number): [Block, number] {
  const items: string[] = [];
  const ordered = /^\s*\d/.test(lines[at] ?? "");
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? "";
    const item = LIST.exec(line);
    if (item) items.push(item[3] ?? "");
    else if (/^\s{2,}\S/.test(line) && items.length) items.push(`${items.pop()} ${line.trim()}`);
    else break;
  }
  return [{ kind: "list", ordered, items: items.map(inline) }, end];
}

function table(lines: string[], at: number): [Block, number] {
  const rows: Inline[][][] = [];
  let end = at + 2;
  for (; end < lines.length && (lines[end] ?? "").includes("|"); end++) rows.push(cells(lines[end] ?? ""));
  return [{ kind: "table", head: cells(lines[at] ?? ""), rows }, end];
}

function cells(line: string): Inline[][] {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => inline(cell.trim()));
}

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|~~([^~]+)~~|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)|(https?:\/\/[^\s<>"')\]]+)/g;

export function inline(text: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) found.push({ kind: "text", text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    found.push(piece(match));
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}

function piece([whole, code, strong, strong2, strike, em, em2, label, target, bare]: RegExpMatchArray): Inline {
  if (code) return { kind: "code", text: code };
  if (strong || strong2) return { kind: "strong", text: strong ?? strong2 ?? "" };
  if (strike) return { kind: "strike", text: strike };
  if (em || em2) return { kind: "em", text: em ?? em2 ?? "" };
  const href = safeAddress(bare ?? target);
  if (href) return { kind: "link", text: label || bare || target || "", href };
  return { kind: "text", text: label ?? whole ?? "" };
}

/** The address if it is of the web or of mail: never a script, never data. */
export function safeAddress(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    const address = new URL(text);
    return ["http:", "https:", "mailto:"].includes(address.protocol) ? address.href : undefined;
  } catch {
    return undefined;
  }
}
