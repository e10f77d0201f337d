import { isEngineError, type Fix } from '../../src-main/contract/errors.ts';
import type { Diagnostic } from '../../src-main/contract/builds-api.ts';
import type { TextEdit, TextPosition } from '../../src-main/contract/dockerfiles-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { DockerfileQuestions, type AskedText } from './dockerfile-questions.ts';
import { DockerfileStructure } from './dockerfile-structure.svelte.ts';
import { toFailure, type Failure } from './failure.ts';
import { followLocation } from './follow-location.ts';
import { Latest } from './latest.ts';

export interface Stage {
  readonly index: number;
  readonly name: string | undefined;
}

export interface BuildArgument {
  readonly name: string;
  readonly default: string | undefined;
}

/** What the person asks of the build: it decides what a variable's value is and which stages are needed. */
export type BuildChoices = Pick<AskedText, 'buildArgs' | 'target'>;

type FileRead = Awaited<ReturnType<EngineApi['contexts']['readDockerfile']>>;

const CHECK_AFTER_MS = 250;

/** The Dockerfile in the editor: its text, what is on disk, and what the engine thinks of it. */
export class DockerfileDocument {
  readonly context: string;
  readonly name: string;
  text = $state('');
  savedText = $state('');
  file = $state('Dockerfile');
  /** True when the file is not on disk yet. */
  isNew = $state(false);
  saving = $state(false);
  conflict = $state(false);
  failure = $state.raw<Failure>();
  diagnostics = $state.raw<readonly Diagnostic[]>([]);
  stages = $state.raw<readonly Stage[]>([]);
  buildArguments = $state.raw<readonly BuildArgument[]>([]);
  /** Where the cursor is. */
  cursor = $state.raw<TextPosition>({ line: 1, column: 1 });
  readonly edited: boolean = $derived(this.text !== this.savedText || this.isNew);
  /** What checks and the last build found, in the order of the file. */
  readonly problems: readonly Diagnostic[] = $derived.by(() => this.#listProblems());
  readonly questions: DockerfileQuestions;
  readonly structure: DockerfileStructure;
  readonly #engine: EngineApi;
  readonly #choices: () => BuildChoices;
  #broken = $state.raw<Diagnostic>();
  readonly #check = new Latest();
  /** What every problem is about; the editor moves their marks along with newer text by itself. */
  #checkedText = '';
  #lineEnd: '\n' | '\r\n' = '\n';
  #modifiedAt: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineApi, context: string, name: string, choices: () => BuildChoices = () => ({})) {
    this.#engine = engine;
    this.context = context;
    this.name = name;
    this.#choices = choices;
    this.questions = new DockerfileQuestions(engine, () => this.#asked());
    this.structure = new DockerfileStructure(engine, () => this.#asked());
  }

  /** The text as the file has it, with its own line ends. */
  get fileText(): string {
    return this.#lineEnd === '\n' ? this.text : this.text.replaceAll('\n', this.#lineEnd);
  }

  /** Reads the file anew; edits since the last save are gone. Rejects when there is none. */
  async load(): Promise<void> {
    this.#take(await this.#read());
    await this.recheck();
  }

  /**
   * Takes over what another program has written into the file. Edits that are not saved stay (saving them tells of the
   * conflict), and so does the text of a file that is gone.
   */
  async follow(): Promise<void> {
    if (this.edited || this.saving) return;
    try {
      const read = await this.#read();
      if (this.edited || this.saving || read.modifiedAt === this.#modifiedAt) return;
      this.#take(read);
      await this.recheck();
    } catch (error) {
      if (!isEngineError(error)) throw error;
    }
  }

  #read(): Promise<FileRead> {
    return this.#engine.contexts.readDockerfile({ path: this.context, dockerfile: this.name });
  }

  #take({ text, file, modifiedAt }: FileRead): void {
    this.#modifiedAt = modifiedAt;
    this.#lineEnd = lineEndOf(text);
    this.file = file;
    this.savedText = text.replaceAll('\r\n', '\n');
    this.isNew = false;
    this.conflict = false;
    this.failure = undefined;
    this.setText(this.savedText);
  }

  /** Starts a file that is written at the first save. */
  start(text: string): void {
    this.isNew = true;
    this.setText(text);
  }

  setText(text: string): void {
    this.text = text;
    this.checkSoon();
    void this.structure.refresh();
  }

  /** Asks everything anew, after a connection that was lost. */
  async recheck(): Promise<void> {
    await Promise.all([this.check(), this.structure.refresh()]);
  }

  /** Checks once typing pauses. */
  checkSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  /** Asks the engine at once; the newest answer wins. */
  async check(): Promise<void> {
    clearTimeout(this.#timer);
    const signal = this.#check.next();
    const asked = this.#asked();
    try {
      const found = await this.#engine.builds.check(asked, { signal });
      if (signal.aborted) return;
      if (this.failure?.code === 'DISCONNECTED') this.failure = undefined;
      this.#broken = this.#broken && followed(this.#broken, this.#checkedText, asked.text);
      this.#checkedText = asked.text;
      this.diagnostics = found.diagnostics;
      this.stages = found.stages.map(({ index, name }) => ({ index, name }));
      this.buildArguments = found.buildArgs.map((arg) => ({ name: arg.name, default: arg.default }));
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  get hasErrors(): boolean {
    return this.problems.some((problem) => problem.severity === 'error');
  }

  /** The next problem from a place on, round the end. */
  problemAfter(at: TextPosition): Diagnostic | undefined {
    return this.problems.find(({ location }) => compare(location, at) > 0) ?? this.problems[0];
  }

  problemBefore(at: TextPosition): Diagnostic | undefined {
    return this.problems.findLast(({ location }) => compare(location, at) < 0) ?? this.problems.at(-1);
  }

  /** The edits of a problem's fix; none once the text is another than the one that was checked. */
  editsOf(fix: Fix): readonly TextEdit[] {
    return this.text === this.#checkedText ? fix.edits : [];
  }

  /**
   * Shows where a build failed, in the text that was built, until that place is edited. Undefined when a build
   * starts or ends well. A failure in another file is not shown here.
   */
  showBuildFailure(failure: Failure | undefined, built: string): void {
    const location = failure?.location;
    if (location === undefined || failure === undefined || fileName(location.file) !== fileName(this.name)) {
      this.#broken = undefined;
      return;
    }
    const { message, hint } = failure;
    const broken = { severity: 'error', message, hint, location, instructionLine: location.line } as const;
    this.#broken = followed(broken, built, this.#checkedText);
  }

  /** Writes the file. When it changed on disk since it was read nothing is written and `conflict` is set. */
  async save({ overwrite = false }: { overwrite?: boolean } = {}): Promise<boolean> {
    const { text, fileText } = this;
    const expected = overwrite || this.#modifiedAt === undefined ? {} : { modifiedAt: this.#modifiedAt };
    this.saving = true;
    try {
      const params = { path: this.context, dockerfile: this.name, text: fileText, ...expected };
      const written = await this.#engine.contexts.writeDockerfile(params);
      this.#modifiedAt = written.modifiedAt;
      this.savedText = text;
      this.isNew = false;
      this.conflict = false;
      this.failure = undefined;
      return true;
    } catch (error) {
      this.conflict = isEngineError(error, 'CONFLICT');
      if (!this.conflict) this.failure = toFailure(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Stops what is still under way. */
  close(): void {
    clearTimeout(this.#timer);
    this.#check.stop();
    this.questions.close();
    this.structure.close();
  }

  /** What the engine is asked about: the text as it stands and what a build of it would be given. */
  #asked(): AskedText {
    return { text: this.text, file: this.name, context: this.context, ...this.#choices() };
  }

  #listProblems(): readonly Diagnostic[] {
    const broken = this.#broken;
    const again = (found: Diagnostic): boolean =>
      found.message === broken?.message && found.location.line === broken.location.line;
    const all = broken === undefined || this.diagnostics.some(again) ? [] : [broken];
    return [...this.diagnostics, ...all].toSorted((a, b) => compare(a.location, b.location));
  }
}

function compare(a: TextPosition, b: TextPosition): number {
  return a.line - b.line || a.column - b.column;
}

function followed(problem: Diagnostic, before: string, after: string): Diagnostic | undefined {
  const location = followLocation(before, after, problem.location);
  return location && { ...problem, location };
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The editor knows `\n` alone; a file whose lines mostly end otherwise is written as it was. */
function lineEndOf(text: string): '\n' | '\r\n' {
  const all = text.split('\n').length - 1;
  return 2 * (text.split('\r\n').length - 1) > all ? '\r\n' : '\n';
}
