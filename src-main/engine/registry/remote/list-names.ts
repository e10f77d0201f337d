import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Scope } from '../login/scope.ts';
import { nextPage } from './next-page.ts';
import { readLimited } from '../http/read-limited.ts';
import { registryError } from './registry-error.ts';
import type { RegistrySession } from '../session/session.ts';

/** Some names of a list, and what continues it. */
export interface NamePage {
  readonly names: readonly string[];
  /** Give it as `after` to go on; absent at the end. */
  readonly next?: string;
}

export interface ListNamesOptions extends LongOptions {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

interface ListedNames {
  /** Below `/v2/`. */
  readonly path: string;
  /** The member of the answer that holds the names. */
  readonly member: 'tags' | 'repositories';
  readonly scope: Scope;
  /** Continues "cannot". */
  readonly what: string;
}

const PAGE = 100;
const LIST_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * A page of a list of names. `next` is the last name, or where the registry counts in another way, the address of its
 * next page below its own host. A registry that does not know pages gives all at once: then they are made here.
 */
export async function listNames(
  session: RegistrySession,
  list: ListedNames,
  { after, limit = PAGE, signal }: ListNamesOptions,
): Promise<NamePage> {
  const path =
    after?.startsWith('/') === true
      ? new URL(`${session.endpoint.origin}${after}`)
      : firstPath(list, after, limit);
  const response = await session.send({ method: 'GET', path, scope: list.scope, signal });
  if (response.status !== 200) throw await registryError(response, list.what);
  const names = parseNames(await readLimited(response, LIST_LIMIT_BYTES, 'the list of names'), list);
  const url = nextPage(session, response, path);
  if (url !== undefined) return { names, next: nextKey(url) };
  if (path instanceof URL) return { names };
  return cutPage(names, after, limit);
}

function firstPath({ path }: ListedNames, after: string | undefined, limit: number): string {
  const query = new URLSearchParams({ n: String(limit), ...(after === undefined ? {} : { last: after }) });
  return `${path}?${query.toString()}`;
}

function parseNames(bytes: Uint8Array, { member, what }: ListedNames): readonly string[] {
  const schema = z.object({ [member]: z.array(z.string().max(4096)).nullish() });
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))[member] ?? [];
  } catch (cause) {
    throw new EngineError('REGISTRY', `cannot ${what}: the registry's answer is no list`, { cause });
  }
}

/** The name after which the next page begins, where that is all that the address says. */
function nextKey(url: URL): string {
  const names = [...url.searchParams.keys()].filter((name) => name !== 'n');
  const last = url.searchParams.get('last');
  return names.length === 1 && last ? last : `${url.pathname}${url.search}`;
}

/** A page of all that there is, in the order that the specification names: not every registry that gives all keeps one. */
function cutPage(names: readonly string[], after: string | undefined, limit: number): NamePage {
  const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
  const start = after === undefined ? 0 : sorted.indexOf(after) + 1;
  const page = sorted.slice(start, start + limit);
  const last = page.at(-1);
  return last === undefined || start + page.length >= names.length
    ? { names: page }
    : { names: page, next: last };
}
