import type { StageInstruction } from '../instruction.ts';

/** A user or group that a RUN adds, as far as its text tells. */
export interface AddedAccount {
  readonly kind: 'user' | 'group';
  readonly name: string;
  readonly line: number;
}

const PROGRAMS: Readonly<Record<string, AddedAccount['kind'] | undefined>> = {
  useradd: 'user',
  adduser: 'user',
  groupadd: 'group',
  addgroup: 'group',
};
/** Options of these programs that take the next word along. */
const TAKES_WORD =
  /^(?:-[A-Za-z]*[uUgGsdckefKpbhpR]|--(?:uid|gid|groups?|shell|home(?:-dir)?|comment|gecos|ingroup|base-dir|skel|password|firstuid|lastuid))$/;
/** Options that put a user into a group that is there already, so that none of its own is made. */
const HAS_GROUP = /^(?:-[A-Za-z]*[gGN]|--(?:gid|ingroup|no-user-group)(?:=.*)?)$/;
const NAME = /^[a-z_][a-z0-9_.-]*\$?$/i;

/** The simple commands of a shell's text, as words without quotes. */
function commandsOf(text: string): readonly (readonly string[])[] {
  return text
    .split(/&&|\|\|?|;|\n/)
    .map((command) =>
      (command.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/["']/g, '')),
    );
}

function accountsIn(words: readonly string[], line: number): readonly AddedAccount[] {
  const at = words.findIndex((word) => PROGRAMS[word.slice(word.lastIndexOf('/') + 1)] !== undefined);
  const kind = PROGRAMS[(words[at] ?? '').replace(/^.*\//, '')];
  if (kind === undefined) return [];
  const options = words.slice(at + 1);
  const name = options.find((word, i) => NAME.test(word) && !TAKES_WORD.test(options[i - 1] ?? ''));
  if (name === undefined) return [];
  const hasGroup = kind === 'group' || options.some((option) => HAS_GROUP.test(option));
  return hasGroup
    ? [{ kind, name, line }]
    : [
        { kind, name, line },
        { kind: 'group', name, line },
      ];
}

/** The accounts that the RUN instructions among these obviously add with useradd, adduser, groupadd and addgroup. */
export function addedAccounts(instructions: readonly StageInstruction[]): readonly AddedAccount[] {
  return instructions.flatMap((instruction) => {
    if (instruction.kind !== 'run') return [];
    const { command, heredocs, location } = instruction;
    const text = command.form === 'shell' ? command.text : command.args.join(' ');
    return [text, ...heredocs.map(({ content }) => content)]
      .flatMap(commandsOf)
      .flatMap((words) => accountsIn(words, location.line));
  });
}
