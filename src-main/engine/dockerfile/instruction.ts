import type { SourceLocation } from '../../contract/errors.ts';

/** A piece of an instruction as written (quotes, escapes and variables still in it) and where it stands. */
export interface Word {
  readonly text: string;
  readonly location: SourceLocation;
}

/** `--name` or `--name=value` before an instruction's arguments; quotes of the value are already removed. */
export interface Flag {
  readonly name: string;
  /** Undefined when there is no `=`. */
  readonly value: string | undefined;
  readonly location: SourceLocation;
  /** `--name`. */
  readonly nameLocation: SourceLocation;
  /** What stands after `=`, quotes included; the whole flag when there is no `=`. */
  readonly valueLocation: SourceLocation;
}

/** A here-document. */
export interface Heredoc {
  readonly name: string;
  /** False when the name was quoted: variables in the content stay as they are. */
  readonly expand: boolean;
  /** Written `<<-`: tabs at the start of each line are not part of the content. */
  readonly chomp: boolean;
  readonly fileDescriptor: number;
  /** The lines up to the terminator exactly as written, tabs and line ends included (see `heredocContent`). */
  readonly content: string;
  /** The content's lines and the terminator. */
  readonly location: SourceLocation;
}

export interface InstructionBase {
  /** The first word as written: `RUN`, `run`, `Run`. */
  readonly keyword: Word;
  /** From the first word to the last line, here-documents included. */
  readonly location: SourceLocation;
  /** The whole instruction in one line: continuations joined, comments inside dropped, no here-documents. */
  readonly original: string;
  readonly flags: readonly Flag[];
  readonly heredocs: readonly Heredoc[];
  /** The comments above it, without `#` and surrounding space; an empty comment starts them anew. */
  readonly comments: readonly string[];
  /** Lines, if any, that are empty in the middle of this instruction. */
  readonly emptyContinuations: readonly SourceLocation[];
  /** The last line that its continuations took, comments among them included; here-documents come after it. */
  readonly lastLine: number;
}

/** What a process is started with: text for the shell, or the words themselves. */
export type CommandLine =
  | { readonly form: 'shell'; readonly text: string; readonly location: SourceLocation }
  | { readonly form: 'exec'; readonly args: readonly string[]; readonly location: SourceLocation };

export interface FromInstruction extends InstructionBase {
  readonly kind: 'from';
  /** Image, earlier stage or `scratch`; may hold variables of the global scope. */
  readonly image: Word;
  readonly platform: string | undefined;
  /** The stage's name in lower case. */
  readonly stageName: string | undefined;
  /** `AS` and the name as written. */
  readonly as: { readonly keyword: Word; readonly name: Word } | undefined;
}

/** One field of `--mount`: `readonly`, `target=/x`. */
export interface MountField {
  /** In lower case. */
  readonly key: string;
  readonly value: string | undefined;
  /** As written. */
  readonly text: string;
  /** The field, and what stands after its `=`; that of the flag's value where quotes or a line end are in the way. */
  readonly location: SourceLocation;
  readonly valueLocation: SourceLocation;
}

/** `RUN --mount=…` before variables are expanded; `parseMount` turns it into a Mount. */
export interface MountFlag {
  readonly fields: readonly MountField[];
  readonly location: SourceLocation;
}

export interface RunInstruction extends InstructionBase {
  readonly kind: 'run';
  readonly command: CommandLine;
  readonly mounts: readonly MountFlag[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
  readonly devices: readonly string[];
}

export type CopySource =
  | { readonly type: 'path'; readonly text: string; readonly location: SourceLocation }
  | { readonly type: 'heredoc'; readonly heredoc: Heredoc; readonly location: SourceLocation };

interface CopyBase extends InstructionBase {
  readonly sources: readonly CopySource[];
  readonly destination: Word;
  readonly form: 'shell' | 'json';
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly excludes: readonly string[];
}

export interface CopyInstruction extends CopyBase {
  readonly kind: 'copy';
  readonly from: Word | undefined;
  readonly parents: boolean;
}

export interface AddInstruction extends CopyBase {
  readonly kind: 'add';
  readonly checksum: string | undefined;
  /** Undefined when the flag was not written. */
  readonly keepGitDir: boolean | undefined;
  /** Undefined: archives of the context are unpacked, those behind a URL are not. */
  readonly unpack: boolean | undefined;
}

export interface ArgDefinition {
  readonly name: string;
  readonly value: string | undefined;
  readonly location: SourceLocation;
}

export interface ArgInstruction extends InstructionBase {
  readonly kind: 'arg';
  readonly args: readonly ArgDefinition[];
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly location: SourceLocation;
}

interface KeyValueInstruction extends InstructionBase {
  readonly pairs: readonly KeyValue[];
  /** Written in the old form, `ENV key the rest of the line`. */
  readonly legacy: boolean;
}

export interface EnvInstruction extends KeyValueInstruction {
  readonly kind: 'env';
}

export interface LabelInstruction extends KeyValueInstruction {
  readonly kind: 'label';
}

export interface ExposeInstruction extends InstructionBase {
  readonly kind: 'expose';
  /** In the order of the file. BuildKit sorts them as text before it expands them; history shows that order. */
  readonly ports: readonly Word[];
}

export interface VolumeInstruction extends InstructionBase {
  readonly kind: 'volume';
  readonly paths: readonly Word[];
  readonly form: 'shell' | 'json';
}

export interface UserInstruction extends InstructionBase {
  readonly kind: 'user';
  readonly user: Word;
}

export interface WorkdirInstruction extends InstructionBase {
  readonly kind: 'workdir';
  readonly path: Word;
}

export interface CmdInstruction extends InstructionBase {
  readonly kind: 'cmd';
  readonly command: CommandLine;
}

export interface EntrypointInstruction extends InstructionBase {
  readonly kind: 'entrypoint';
  readonly command: CommandLine;
}

export interface ShellInstruction extends InstructionBase {
  readonly kind: 'shell';
  readonly shell: readonly string[];
}

export interface StopsignalInstruction extends InstructionBase {
  readonly kind: 'stopsignal';
  readonly signal: Word;
}

/** A health check; times in nanoseconds, 0 for the runtime's default. */
export interface Healthcheck {
  /** As in the image config: `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly test: readonly string[];
  readonly intervalNs: bigint;
  readonly timeoutNs: bigint;
  readonly startPeriodNs: bigint;
  readonly startIntervalNs: bigint;
  readonly retries: number;
}

export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: 'healthcheck';
  readonly healthcheck: Healthcheck;
}

export interface OnbuildInstruction extends InstructionBase {
  readonly kind: 'onbuild';
  /** The text that goes into the image config: one line, here-documents appended verbatim. */
  readonly trigger: string;
  /** The trigger's instruction in lower case; perhaps an unknown one. */
  readonly triggerKeyword: string;
}

export interface MaintainerInstruction extends InstructionBase {
  readonly kind: 'maintainer';
  readonly name: Word;
}

export type Instruction =
  | FromInstruction
  | RunInstruction
  | CopyInstruction
  | AddInstruction
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | ExposeInstruction
  | VolumeInstruction
  | UserInstruction
  | WorkdirInstruction
  | CmdInstruction
  | EntrypointInstruction
  | ShellInstruction
  | StopsignalInstruction
  | HealthcheckInstruction
  | OnbuildInstruction
  | MaintainerInstruction;

export type InstructionKind = Instruction['kind'];

/** An instruction inside a stage. */
export type StageInstruction = Exclude<Instruction, FromInstruction>;
