import type { TextEdit } from '../../src-main/contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../src-main/contract/errors.ts';
import type { EditorCommand } from './commands.ts';

/** What the rest of the window asks of the editor. Each call brings the editor into focus. */
export interface EditorPort {
  focus(): void;
  run(command: EditorCommand): void;
  /** Selects a place and brings it into sight. */
  select(location: SourceLocation): void;
  /** Puts the cursor where a problem begins and shows its card. */
  explain(location: SourceLocation): void;
  /** Applies edits as one step of the history. */
  change(edits: readonly TextEdit[], kind: 'fix' | 'format' | 'rename'): void;
}
