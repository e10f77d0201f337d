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

/**
 * Who `user[:group]` is inside the root file system. A number needs no account; without a group it is the group of
 * the user's account, or for a number that has none the same number. NOT_FOUND for an unknown name.
 */
export async function lookUpOwner(text: string, rootFs: RootFs | undefined): Promise<Owner> {
  const ownership = parseChown(text);
  if (ownership === undefined) {
    throw new EngineError('DOCKERFILE', `not an owner: ${JSON.stringify(text)}`, {
      hint: 'Write user or user:group.',
    });
  }
  const { user, group } = ownership;
  const accounts = rootFs === undefined ? [] : await readAccounts(rootFs, '/etc/passwd');
  const id = user === '' ? 0 : parseId(user);
  const account = accounts.find((fields) => fields[0] === user);
  const uid = id ?? numberAt(account, 2);
  if (uid === undefined) throw unknownName('user', user);
  if (group === undefined) return { uid, gid: id ?? numberAt(account, 3) ?? uid };
  const gid = parseId(group) ?? (await lookUpGroup(group, rootFs));
  return { uid, gid };
}

async function lookUpGroup(name: string, rootFs: RootFs | undefined): Promise<number> {
  const groups = rootFs === undefined ? [] : await readAccounts(rootFs, '/etc/group');
  const gid = numberAt(
    groups.find((fields) => fields[0] === name),
    2,
  );
  if (gid === undefined) throw unknownName('group', name);
  return gid;
}

function numberAt(fields: readonly string[] | undefined, at: number): number | undefined {
  const text = fields?.[at];
  return text === undefined ? undefined : parseId(text);
}

function unknownName(kind: 'user' | 'group', name: string): EngineError {
  return new EngineError('NOT_FOUND', `the ${kind} ${JSON.stringify(name)} is not known in the image`, {
    hint: `Add it in an earlier RUN, or write its number.`,
  });
}
