/** One thing that the palette does. */
export interface Command {
  id: string;
  /** "Run load-zip-codes now". */
  title: string;
  group: "Go to" | "Saved views" | "Deployments" | "Do";
  run: () => void;
}

const SHOWN = 50;

/** Commands of which the title holds every typed word, those that begin with the first word to the front. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  const found = commands.filter((command) => words.every((word) => command.title.toLowerCase().includes(word)));
  const rank = (command: Command) => (command.title.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, SHOWN);
}
