import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { BuildRequestInput } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { BuildOptions } from './build-options.ts';
import { parseCacheFrom, parseCacheTo } from './parse-cache-option.ts';
import { badOption, parseFields, splitPair } from './parse-fields.ts';
import { parseShmSize, parseUlimit } from './parse-limits.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where relative paths start and values come from. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Environment;
  readonly parsePlatform: (text: string) => Platform;
}

/** The part of the request that the options alone decide; context, Dockerfile and outputs are added by the verb. */
export function toRequest(options: BuildOptions, here: Surroundings): Omit<BuildRequestInput, 'context'> {
  const buildArgs = { ...pickEpoch(here.env), ...parseBuildArgs(options.buildArg, here.env) };
  const epoch = parseEpoch(buildArgs[EPOCH]);
  return {
    tags: [...options.tag],
    target: options.target,
    buildArgs,
    labels: parsePairs(options.label, '--label', 'NAME=VALUE'),
    buildContexts: parseContexts(options.buildContext, here.cwd),
    secrets: options.secret.map((text) => parseSecret(text, here)),
    ssh: options.ssh.map((text) => parseSsh(text, here)),
    addHosts: options.addHost.map(parseHost),
    ulimits: options.ulimit.map(parseUlimit),
    shmSizeBytes: options.shmSize === undefined ? undefined : parseShmSize(options.shmSize),
    platform: options.platform === undefined ? undefined : here.parsePlatform(options.platform),
    pull: options.pull ?? false,
    // An empty filter means every stage, as docker reads it.
    noCache: !options.cache || isEmptyFilter(options.cacheFilter),
    noCacheFilter: options.cacheFilter.flatMap((names) => names.split(',')),
    cacheFrom: options.cacheFrom.map((text) => parseCacheFrom(text, here.cwd)),
    cacheTo: options.cacheTo.map((text) => parseCacheTo(text, here.cwd)),
    network: options.network === 'default' ? 'host' : options.network,
    compression: options.compression,
    sourceDateEpoch: epoch,
    reproducible: options.reproducible ?? false,
  };
}

const EPOCH = 'SOURCE_DATE_EPOCH';

/** The variable is a build argument for whoever declares it, unless it is empty, as with docker buildx. */
function pickEpoch(env: Environment): Record<string, string> {
  const value = env[EPOCH];
  return value ? { [EPOCH]: value } : {};
}

function isEmptyFilter(filters: readonly string[]): boolean {
  return filters.length > 0 && filters.join(',') === '';
}

/** `K=V` as it is; `K` from the environment, left out when it is not there, as docker does. */
function parseBuildArgs(given: readonly string[], env: Environment): Record<string, string> {
  const pairs = given.map((text): [string, string | undefined] => {
    const [name, value] = splitPair(text);
    if (name === '') throw badOption('--build-arg', text, 'NAME=VALUE');
    return [name, value ?? env[name]];
  });
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function parsePairs(given: readonly string[], option: string, form: string): Record<string, string> {
  const pairs = given.map((text) => {
    const [name, value] = splitPair(text);
    if (name === '') throw badOption(option, text, form);
    return [name, value ?? ''];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function parseContexts(given: readonly string[], cwd: string): Record<string, string> {
  const pairs = given.map((text) => {
    const [name, source] = splitPair(text);
    if (name === '' || source === undefined || source === '') {
      throw badOption('--build-context', text, 'NAME=SOURCE');
    }
    return [name, absoluteSource(source, cwd)];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function absoluteSource(source: string, cwd: string): string {
  const layout = /^oci-layout:\/\/(.*)$/.exec(source)?.[1];
  if (layout !== undefined) return `oci-layout://${resolve(cwd, layout)}`;
  const isAddress = /^[a-z][a-z+-]*:\/\/|^\w[\w-]*@\w[\w.-]*:/.test(source);
  return isAddress ? source : resolve(cwd, source);
}

/** `id=ID` alone means the variable of that name if there is one, else the file, as docker reads it. */
function parseSecret(
  text: string,
  { cwd, env }: Surroundings,
): { id: string; source?: string; env?: string } {
  const fields = parseFields(text);
  const id = fields.get('id');
  if (!id) throw badOption('--secret', text, 'id=ID,src=FILE or id=ID,env=NAME');
  const source = fields.get('src') ?? fields.get('source');
  const variable = fields.get('env') ?? (fields.get('type') === 'env' ? (source ?? id) : undefined);
  if (variable !== undefined) return { id, env: variable };
  if (source === undefined && env[id] !== undefined) return { id, env: id };
  return { id, source: resolve(cwd, source ?? id) };
}

/** `default` is the agent of this session; `ID=PATH[,PATH]` a socket or keys. */
function parseSsh(text: string, { cwd, env }: Surroundings): { id: string; paths: string[] } {
  const [id, paths] = splitPair(text);
  if (id === '') throw badOption('--ssh', text, 'default or ID=PATH[,PATH]');
  if (paths !== undefined) return { id, paths: paths.split(',').map((path) => resolve(cwd, path)) };
  const agent = env['SSH_AUTH_SOCK'];
  if (agent) return { id, paths: [agent] };
  throw new EngineError('NOT_FOUND', `--ssh ${text}: no SSH agent runs here`, {
    hint: `Start one (SSH_AUTH_SOCK is not set), or name a key: --ssh ${id}=PATH.`,
  });
}

/** Docker's word for the machine that builds. */
const HOST_GATEWAY = 'host-gateway';

function parseHost(text: string): { host: string; ip: string } {
  const [, host, ip] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  const address = ip?.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (host === undefined || (isIP(address) === 0 && address !== HOST_GATEWAY))
    throw badOption('--add-host', text, `HOST:IP or HOST:${HOST_GATEWAY}`);
  return { host, ip: address };
}

function parseEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new EngineError('INVALID_INPUT', `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}`, {
    hint: 'It is a number of seconds since 1970.',
  });
}
