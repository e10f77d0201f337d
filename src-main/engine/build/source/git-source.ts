import { cleanPath } from '../../dockerfile/clean-path.ts';
import { EngineError } from '../../../contract/errors.ts';

/** A git repository as ADD and build contexts name it: `https://host/repo.git#ref:folder`, or with a query. */
export interface GitSource {
  readonly remote: string;
  readonly ref: string | undefined;
  /** Clean and without a slash at its beginning; '' is the whole repository. */
  readonly subfolder: string;
  /** What the commit, or the tag that was asked for, begins with. */
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean | undefined;
  readonly submodules: boolean;
}

const SCHEME = /^(https?|ssh|git):\/\//;
const SSH_SHORT = /^\w[\w-]*@\w[\w.-]*:/;

/**
 * Undefined when the text names no git repository: over http a path that ends in `.git` does. DOCKERFILE for options
 * that make no sense.
 */
export function parseGitSource(text: string): GitSource | undefined {
  const [, beforeFragment = '', fragment = ''] = /^([^#]*)#?(.*)$/s.exec(text) ?? [];
  const [, remote = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(beforeFragment) ?? [];
  if (!isRemote(remote)) return undefined;
  const [, ref = '', subfolder = ''] = /^([^:]*):?(.*)$/s.exec(fragment) ?? [];
  return withQuery({ remote, ref, subfolder: cleanFolder(subfolder) }, query, text);
}

function isRemote(remote: string): boolean {
  const scheme = SCHEME.exec(remote)?.[1];
  if (scheme === undefined) return SSH_SHORT.test(remote);
  return !scheme.startsWith('http') || remote.endsWith('.git');
}

function cleanFolder(written: string): string {
  return cleanPath(`/${written}`).slice(1);
}

const KEYS = ['ref', 'tag', 'branch', 'subdir', 'checksum', 'commit', 'keep-git-dir', 'submodules'];
const SWITCHES = ['keep-git-dir', 'submodules'];

function withQuery(
  written: { readonly remote: string; readonly ref: string; readonly subfolder: string },
  query: string,
  text: string,
): GitSource {
  const options = readQuery(query, text);
  const { tag, branch } = options;
  if (tag !== undefined && branch !== undefined) throw invalid(text, 'tag= and branch= exclude each other');
  const refs = [written.ref, options.ref, withPrefix('refs/tags/', tag), withPrefix('refs/heads/', branch)];
  const subfolder = options.subdir === undefined ? undefined : cleanFolder(options.subdir);
  return {
    remote: written.remote,
    ref: onlyOne(refs, text, 'refs') || undefined,
    subfolder: onlyOne([written.subfolder, subfolder], text, 'folders'),
    checksum: options.checksum ?? options.commit,
    keepGitDir: options['keep-git-dir'] === undefined ? undefined : readSwitch(options['keep-git-dir'], text),
    submodules: readSwitch(options.submodules ?? 'true', text),
  };
}

function readQuery(query: string, text: string): Readonly<Record<string, string | undefined>> {
  const options: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(query)) {
    if (!KEYS.includes(key))
      throw invalid(text, `there is no option ${key}`, `It is one of ${KEYS.join(', ')}.`);
    if (Object.hasOwn(options, key)) throw invalid(text, `${key} is given twice`);
    if (value === '' && !SWITCHES.includes(key)) throw invalid(text, `${key} has no value`);
    options[key] = value;
  }
  return options;
}

function withPrefix(prefix: string, name: string | undefined): string | undefined {
  return name === undefined || name.startsWith(prefix) ? name : `${prefix}${name}`;
}

function onlyOne(given: readonly (string | undefined)[], text: string, what: string): string {
  const different = new Set(given.filter((each) => each !== undefined && each !== ''));
  if (different.size > 1) throw invalid(text, `it names two ${what}: ${Array.from(different).join(' and ')}`);
  return different.values().next().value ?? '';
}

function readSwitch(value: string, text: string): boolean {
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw invalid(text, `${JSON.stringify(value)} is neither true nor false`);
}

function invalid(text: string, why: string, hint = 'Write https://host/repo.git#ref:folder.'): EngineError {
  return new EngineError('DOCKERFILE', `cannot use ${text}: ${why}`, { hint });
}
