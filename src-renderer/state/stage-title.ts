/** A stage as a person calls it: by its name, else by its number. */
export function stageTitle(stage: string): string {
  return /^\d+$/.test(stage) ? `stage ${stage}` : stage;
}
