import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import type { Mirror, RegistrySettings } from '../../../contract/registries-api.ts';
import { readRegistriesConfig } from './registries-config.ts';

type Json = Readonly<Record<string, unknown>>;

/** Writes what `registries.json` says of one registry; see the contract's `registries.set`. */
export async function setRegistry(root: string, registry: string, settings: RegistrySettings): Promise<void> {
  await editRegistries(root, (registries) => ({
    ...registries,
    [registry]: writtenSettings(settings, asObject(registries[registry])),
  }));
}

/** Takes a registry out of `registries.json`; answers whether it was there. */
export async function removeRegistry(root: string, registry: string): Promise<boolean> {
  let isRemoved = false;
  await editRegistries(root, (registries) => {
    const { [registry]: removed, ...others } = registries;
    isRemoved = removed !== undefined;
    return isRemoved ? others : registries;
  });
  return isRemoved;
}

/** Edits of one file by one process, one after the other: two at once would lose one of them. */
const turns = new Map<string, Promise<unknown>>();

async function editRegistries(root: string, change: (registries: Json) => Json): Promise<void> {
  const file = join(root, 'registries.json');
  const turn = (turns.get(file) ?? Promise.resolve()).then(() => rewrite(root, file, change));
  turns.set(
    file,
    turn.catch(() => undefined),
  );
  await turn;
}

async function rewrite(root: string, file: string, change: (registries: Json) => Json): Promise<void> {
  await readRegistriesConfig(root);
  const document = asObject(JSON.parse(await readOr(file, '{}')));
  const before = asObject(document['registries']);
  const registries = change(before);
  if (registries === before) return;
  await replaceFile(file, `${JSON.stringify({ ...document, registries }, undefined, 2)}\n`);
}

async function readOr(file: string, otherwise: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw new EngineError('IO', `cannot read ${file}`, { cause });
  }
}

/** The new text is on disk before it takes the old one's place: there is always one whole file. */
async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new EngineError('IO', `cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** What is not said is not written; members that we do not know stay. */
function writtenSettings(settings: RegistrySettings, before: Json): Json {
  const { mirrors, insecure, blocked, ...addresses } = settings;
  const said = {
    endpoint: undefined,
    ca: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    ...addresses,
    mirrors: mirrors.length === 0 ? undefined : mirrors.map((mirror) => writtenMirror(mirror, before)),
    insecure: insecure ? true : undefined,
    blocked: blocked === true ? true : undefined,
  };
  return withoutUndefined({ ...before, ...said });
}

/** As short as `registries.json` allows: an address alone where nothing else is said of the mirror. */
function writtenMirror(mirror: Mirror, before: Json): unknown {
  const known = Array.isArray(before['mirrors']) ? before['mirrors'].map(asObject) : [];
  const kept = known.find(({ url }) => url === mirror.url);
  const said = withoutUndefined({ ...kept, insecure: undefined, ca: undefined, ...mirror });
  return Object.keys(said).length === 1 ? mirror.url : said;
}

function withoutUndefined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
