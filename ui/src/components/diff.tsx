/** A unified diff as git writes it, line by line. Nothing of it is ever markup. */
export function Diff({ text, label = "Changes" }: { text: string; label?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section tabIndex={0} aria-label={label} className="overflow-x-auto py-2 font-mono text-[0.8125rem] leading-5">
      <div className="w-fit min-w-full">
        {text.split("\n").map((line, number) => (
          <div key={number} className={`whitespace-pre px-4 ${look(line)}`}>
            {line || " "}
          </div>
        ))}
      </div>
    </section>
  );
}

function look(line: string): string {
  if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("diff ")) return "font-semibold text-soft";
  if (line.startsWith("@@")) return "text-live";
  if (line.startsWith("+")) return "bg-good-bg text-good";
  if (line.startsWith("-")) return "bg-bad-bg text-bad";
  return "";
}
