const LINES = 20;
const LIMIT_CHARACTERS = 8000;

/** The last lines that a program wrote, for the message of its failure. */
export class OutputTail {
  private text = '';

  add(text: string): void {
    this.text = (this.text + text).slice(-LIMIT_CHARACTERS);
  }

  lines(): readonly string[] {
    return this.text.trimEnd().split('\n').slice(-LINES);
  }
}
