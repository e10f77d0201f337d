import { EngineError } from '../../contract/errors.ts';
import { parseChown, parseId } from '../dockerfile/parse-chown.ts';
import type { RootFs } from '../filetree/root-fs.ts';

/** Numbers of a user and a group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** An account file is small; one that is not is no account file. */
const LIMIT_BYTES = 4 * 1024 * 1024;

/** The lines of /etc/passwd or /etc/group, split at colons; none when the file is not there. */
export async function readAccounts(rootFs: RootFs, path: string): Promise<readonly (readonly string[])[]> {
  const node = rootFs.stat(path);
  if (node === undefined || node.entry.sizeBytes > LIMIT_BYTES) return [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of rootFs.open(node)) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .map((line) => line.trim().split(':'));
}

/** How owners are looked up. */
export interface OwnerLookup {
  /** Undefined for an image without any layer, where no name can be known. */
  readonly rootFs: RootFs | undefined;
  /** Told of a name that the root file system lacks. */
  readonly onUnknown?: ((kind: 'user' | 'group', name: string) => void) | undefined;
}

/**
 * Who `user[:group]` is inside the root file system, as BuildKit's file operations have it: a number needs no account
 * and is its group's number too, an account brings its group, and a name that the accounts lack is root's. NOT_FOUND
 * for a name when there is no root file system.
 */
export async function lookUpOwner(text: string, lookup: OwnerLookup): Promise<Owner> {
  const ownership = parseChown(text);
  if (ownership === undefined) {
    throw new EngineError('DOCKERFILE', `not an owner: ${JSON.stringify(text)}`, {
      hint: 'Write user or user:group.',
    });
  }
  const { user, group } = ownership;
  const id = parseOwnerId(user);
  const own = id === undefined ? await lookUpUser(user, lookup) : { uid: id, gid: id };
  if (group === undefined) return own;
  return { uid: own.uid, gid: parseOwnerId(group) ?? (await lookUpGroup(group, lookup)) ?? own.gid };
}

const ROOT: Owner = { uid: 0, gid: 0 };

async function lookUpUser(name: string, lookup: OwnerLookup): Promise<Owner> {
  const line = await findAccount('user', name, lookup);
  return line === undefined ? ROOT : { uid: numberAt(line, 2) ?? 0, gid: numberAt(line, 3) ?? 0 };
}

async function lookUpGroup(name: string, lookup: OwnerLookup): Promise<number | undefined> {
  const line = await findAccount('group', name, lookup);
  return line === undefined ? undefined : numberAt(line, 2);
}

async function findAccount(
  kind: 'user' | 'group',
  name: string,
  { rootFs, onUnknown }: OwnerLookup,
): Promise<readonly string[] | undefined> {
  if (rootFs === undefined) throw unknownName(kind, name);
  const accounts = await readAccounts(rootFs, kind === 'user' ? '/etc/passwd' : '/etc/group');
  const line = accounts.find((fields) => fields[0] === name);
  if (line === undefined) onUnknown?.(kind, name);
  return line;
}

const MAX_INT32 = 2 ** 31 - 1;

/** A 32-bit number with its sign; '' and `root` are 0, and -1, which changes no owner, leaves a new file root's. */
function parseOwnerId(text: string): number | undefined {
  if (text === '' || text === 'root') return 0;
  const id = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (!(id >= -MAX_INT32 - 1 && id <= MAX_INT32)) return undefined;
  return id === -1 ? 0 : id >>> 0;
}

function numberAt(fields: readonly string[], at: number): number | undefined {
  const text = fields[at];
  return text === undefined ? undefined : parseId(text);
}

function unknownName(kind: 'user' | 'group', name: string): EngineError {
  return new EngineError('NOT_FOUND', `the ${kind} ${JSON.stringify(name)} is not known in an empty image`, {
    hint: `Write its number.`,
  });
}
