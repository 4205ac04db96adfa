/** What a terminal would make of a line: pieces of text with a look. Everything but colours and weight is dropped, and
 * nothing is ever markup or a link. */
export interface Piece {
  text: string;
  /** Classes, empty for plain text. */
  look: string;
}

const COLOURS: Record<number, string> = {
  30: "text-faint",
  31: "text-bad",
  32: "text-good",
  33: "text-warn",
  34: "text-live",
  35: "text-crash",
  36: "text-accent",
  37: "text-ink",
  90: "text-faint",
  91: "text-bad",
  92: "text-good",
  93: "text-warn",
  94: "text-live",
  95: "text-crash",
  96: "text-accent",
  97: "text-ink",
};

// Colour and style; other control sequences; titles and links up to their end; lone control characters.
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /\x1b\[([\d;]*)m|\x1b\[[\d;?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b.?|[\x00-\x08\x0b-\x1f\x7f]/g;

export function pieces(text: string): Piece[] {
  if (!hasControl(text)) return text ? [{ text, look: "" }] : [];
  const found: Piece[] = [];
  let look = { colour: "", bold: false };
  let from = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    add(found, text.slice(from, match.index), look);
    from = match.index + match[0].length;
    if (match[1] !== undefined) look = styled(look, match[1]);
  }
  add(found, text.slice(from), look);
  return found;
}

/** The text without what a terminal would not show. */
export function plain(text: string): string {
  return hasControl(text) ? text.replace(SEQUENCE, "") : text;
}

function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return /[\x00-\x08\x0b-\x1f\x7f]/.test(text);
}

function add(found: Piece[], text: string, look: { colour: string; bold: boolean }): void {
  if (text) found.push({ text, look: [look.colour, look.bold ? "font-semibold" : ""].filter(Boolean).join(" ") });
}

function styled(look: { colour: string; bold: boolean }, codes: string): { colour: string; bold: boolean } {
  let { colour, bold } = look;
  const numbers = (codes || "0").split(";").map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    if (code === 0) [colour, bold] = ["", false];
    else if (code === 1) bold = true;
    else if (code === 22) bold = false;
    else if (code === 39) colour = "";
    else if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4;
    else colour = COLOURS[code] ?? colour;
  }
  return { colour, bold };
}
