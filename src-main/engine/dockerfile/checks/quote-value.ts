/** A text as one word in double quotes that means itself, for an instruction that expands its words. */
export function quoteValue(text: string, escape: string): string {
  const quoted = Array.from(text, (character) =>
    character === '"' || character === '$' || character === escape ? escape + character : character,
  );
  return `"${quoted.join('')}"`;
}
