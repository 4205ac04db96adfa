/** What a typed text stands for: JSON if it is that, else itself. */
export function meaning(text: string): { value: unknown; kind: string } {
  try {
    const value: unknown = JSON.parse(text);
    return { value, kind: kindOf(value) };
  } catch {
    return { value: text, kind: "a text" };
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return "a list";
  return { string: "a text", number: "a number", boolean: "yes or no" }[typeof value as string] ?? "JSON";
}
