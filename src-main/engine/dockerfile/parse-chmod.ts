/** What `--chmod` makes of a file's mode (permission bits with setuid, setgid and sticky: 0 to 0o7777). */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

const MAX_MODE = 0o7777;
const SHIFTS: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;
const ACTION = /([-+=])([ugo]|[rwxXst]*)/g;

interface Action {
  readonly operator: string;
  readonly permissions: string;
}

/** Bits of one class (0 to 7) that an action names, given the mode so far. */
function classBits(permissions: string, mode: number, isDirectory: boolean): number {
  const from = SHIFTS[permissions];
  if (from !== undefined) return (mode >> from) & 7;
  const runs = isDirectory || (mode & 0o111) !== 0;
  return Array.from(permissions).reduce((bits, letter) => {
    if (letter === 'r') return bits | 4;
    if (letter === 'w') return bits | 2;
    if (letter === 'x' || (letter === 'X' && runs)) return bits | 1;
    return bits;
  }, 0);
}

/** Setuid, setgid and sticky as far as the classes named can have them. */
function specialBits(permissions: string, classes: string): number {
  const setuid = permissions.includes('s') && classes.includes('u') ? 0o4000 : 0;
  const setgid = permissions.includes('s') && classes.includes('g') ? 0o2000 : 0;
  return setuid | setgid | (permissions.includes('t') ? 0o1000 : 0);
}

/** All bits that `=` clears for the classes named. */
function clearedBits(classes: string): number {
  return Array.from(classes).reduce((mask, letter) => mask | (7 << (SHIFTS[letter] ?? 0)), 0);
}

function applyAction(mode: number, classes: string, action: Action, isDirectory: boolean): number {
  const bits = classBits(action.permissions, mode, isDirectory);
  const spread = Array.from(classes).reduce((sum, letter) => sum | (bits << (SHIFTS[letter] ?? 0)), 0);
  const change =
    spread | (SHIFTS[action.permissions] === undefined ? specialBits(action.permissions, classes) : 0);
  if (action.operator === '+') return mode | change;
  if (action.operator === '-') return mode & ~change;
  const special = (classes.includes('u') ? 0o4000 : 0) | (classes.includes('g') ? 0o2000 : 0);
  return (mode & ~(clearedBits(classes) | special)) | change;
}

function parseClause(clause: string): ModeChange | undefined {
  const [, who = '', actionText = ''] = CLAUSE.exec(clause) ?? [];
  if (actionText === '') return undefined;
  const classes = who === '' || who.includes('a') ? 'ugo' : who;
  const actions = Array.from(actionText.matchAll(ACTION), ([, operator = '', permissions = '']) => ({
    operator,
    permissions,
  }));
  return (mode, isDirectory) =>
    actions.reduce((current, action) => applyAction(current, classes, action, isDirectory), mode);
}

/**
 * Reads `755`, `0644`, `u=rwX,go=rX`, `+x`, `g=u`. A number replaces the mode; symbols change it, the umask
 * plays no part. Undefined when the text is neither.
 */
export function parseChmod(text: string): ModeChange | undefined {
  if (/^[0-7]+$/.test(text)) {
    const mode = parseInt(text, 8);
    return mode <= MAX_MODE ? () => mode : undefined;
  }
  const changes = text.split(',').map(parseClause);
  const known = changes.filter((change) => change !== undefined);
  if (known.length !== changes.length) return undefined;
  return (mode, isDirectory) => known.reduce((current, change) => change(current, isDirectory), mode);
}
