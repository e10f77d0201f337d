import { TerminalText } from './terminal-text.ts';

/** What a program printed as plain text: the lines that a terminal would show, without their colours. */
export function programText(printed: string): string {
  const terminal = new TerminalText();
  terminal.write(printed);
  return Array.from({ length: terminal.count }, (_, at) => terminal.at(at)?.text ?? '').join('\n');
}
