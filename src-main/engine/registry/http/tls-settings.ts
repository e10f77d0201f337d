import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import type { ServerSettings } from '../config/endpoints.ts';
import type { Environment } from './proxy-of.ts';
import type { TlsSettings } from './dispatchers.ts';

/**
 * What registries.json and the `certs.d` folders of docker, podman and containerd's kin have for one server:
 * `certs.d/host:port/*.crt` are authorities, `*.cert` with the `*.key` of the same name is ours. registries.json wins.
 */
export async function readTlsSettings(
  origin: string,
  server: ServerSettings,
  env: Environment,
): Promise<TlsSettings | undefined> {
  const { host, protocol } = new URL(origin);
  if (protocol !== 'https:') return undefined;
  const found = await readCertificateFolders(host, env);
  const named = async (file: string | undefined) => (file === undefined ? undefined : readPem(file, host));
  const certificate = await named(server.clientCertificate);
  const settings: TlsSettings = {
    ca: (await named(server.ca)) ?? found.ca,
    certificate: certificate ?? found.certificate,
    // One file may hold both.
    key: certificate === undefined ? found.key : ((await named(server.clientKey)) ?? certificate),
    anyCertificate: server.insecure === true ? true : undefined,
  };
  return Object.values(settings).some((value) => value !== undefined) ? settings : undefined;
}

async function readPem(file: string, host: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new EngineError('INVALID_INPUT', `cannot read ${file}, which registries.json names for ${host}`, {
      hint: 'Name a PEM file there, by its whole path.',
      cause,
    });
  });
}

async function readCertificateFolders(host: string, env: Environment): Promise<TlsSettings> {
  let settings: TlsSettings = {};
  for (const folder of certificateFolders(env))
    settings = { ...(await readFolder(join(folder, host))), ...settings };
  return settings;
}

/** The user's own first. */
function certificateFolders(env: Environment): readonly string[] {
  const home = env['HOME'];
  const own = env['XDG_CONFIG_HOME'] ?? (home === undefined ? undefined : join(home, '.config'));
  const parts = (base: string): string[] => [
    join(base, 'containers', 'certs.d'),
    join(base, 'docker', 'certs.d'),
  ];
  return [...(own === undefined ? [] : parts(own)), ...parts('/etc')];
}

async function readFolder(folder: string): Promise<TlsSettings> {
  const names = await readdir(folder).catch((): string[] => []);
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read));
  const own = names.find((name) => name.endsWith('.cert'));
  const key = own?.replace(/\.cert$/, '.key');
  return {
    ...(authorities.length === 0 ? {} : { ca: authorities.join('\n') }),
    ...(own === undefined || key === undefined || !names.includes(key)
      ? {}
      : { certificate: await read(own), key: await read(key) }),
  };
}
