import { EngineError } from '../../contract/errors.ts';
import type { RootFs } from '../filetree/root-fs.ts';

/** Who a command runs as. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  /** The home folder that /etc/passwd names, else `/`. */
  readonly home: string;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** More than any real list of users. */
const LIMIT_BYTES = 16 * 1024 * 1024;
const MAX_ID = 0x7fffffff;

/**
 * The user that USER's `name[:group]` (names or numbers, '' is root) means inside a root file system. A number need
 * not be listed there, a name must: BUILD_FAILED.
 */
export async function lookUpUser(rootFs: RootFs, spec: string): Promise<ContainerUser> {
  const [name = '', group = ''] = splitOnce(spec, ':');
  const passwd = parsePasswd(await readText(rootFs, '/etc/passwd'));
  const groups = parseGroups(await readText(rootFs, '/etc/group'));
  const user = findUser(passwd, name);
  const gid = group === '' ? user.gid : findGroup(groups, group);
  const listed = groups.filter((line) => user.name !== undefined && line.members.includes(user.name));
  const own = group === '' ? listed.map((line) => line.gid) : [];
  // The user's own group is among the supplementary ones too, so that no program can drop out of it.
  return { uid: user.uid, gid, groups: Array.from(new Set([gid, ...own])), home: user.home };
}

interface FoundUser extends Omit<PasswdLine, 'name'> {
  readonly name: string | undefined;
}

function findUser(passwd: readonly PasswdLine[], name: string): FoundUser {
  const uid = name === '' ? 0 : parseId(name);
  const line = passwd.find((each) => (uid === undefined ? each.name === name : each.uid === uid));
  if (line !== undefined) return { ...line, home: line.home || '/' };
  if (uid === undefined) {
    throw new EngineError('BUILD_FAILED', `unable to find user ${name}: no matching entries in passwd file`, {
      hint: 'Make the user in an earlier RUN, or give its number.',
    });
  }
  return { name: undefined, uid, gid: 0, home: '/' };
}

function findGroup(groups: readonly GroupLine[], group: string): number {
  const gid = groups.find((line) => line.name === group)?.gid ?? parseId(group);
  if (gid !== undefined) return gid;
  throw new EngineError('BUILD_FAILED', `unable to find group ${group}: no matching entries in group file`, {
    hint: 'Make the group in an earlier RUN, or give its number.',
  });
}

function parseId(text: string): number | undefined {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return id !== undefined && id <= MAX_ID ? id : undefined;
}

function parsePasswd(text: string): readonly PasswdLine[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.trim().split(':');
    const ids = { uid: parseId(uid), gid: parseId(gid) };
    if (name === '' || ids.uid === undefined || ids.gid === undefined) return [];
    return [{ name, uid: ids.uid, gid: ids.gid, home }];
  });
}

function parseGroups(text: string): readonly GroupLine[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , id = '', members = ''] = line.trim().split(':');
    const gid = parseId(id);
    return name === '' || gid === undefined ? [] : [{ name, gid, members: members.split(',') }];
  });
}

/** A file of the image as text; nothing when it is not there. */
async function readText(rootFs: RootFs, path: string): Promise<string> {
  const node = rootFs.stat(path);
  if (node?.entry.type !== 'file' && node?.entry.type !== 'hardlink') return '';
  if (node.entry.sizeBytes > LIMIT_BYTES) {
    throw new EngineError('LIMIT_EXCEEDED', `${path} of the image has ${node.entry.sizeBytes} bytes`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of rootFs.open(node)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
