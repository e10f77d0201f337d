import { spawn } from 'node:child_process';
import { z } from 'zod';
import { cancelled, EngineError } from '../../../contract/errors.ts';
import type { Credential } from './credential.ts';
import { helperAddresses, parseRegistryKey } from './registry-key.ts';
import { parseJson } from '../../parse-json.ts';

export interface HelperOptions {
  /** The name after `docker-credential-`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeLimitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A program that keeps credentials (docker-credential-helpers' protocol). Each call runs it once. */
export interface CredentialHelper {
  /** `docker-credential-NAME`. */
  readonly program: string;
  get(registry: string): Promise<Credential | undefined>;
  store(registry: string, credential: Credential): Promise<void>;
  /** False when there was nothing to erase. */
  erase(registry: string): Promise<boolean>;
  list(): Promise<readonly { readonly registry: string; readonly username: string }[]>;
}

/** A person may have to type into what the helper opens. */
const TIME_LIMIT_MS = 120_000;
const OUTPUT_LIMIT_BYTES = 1024 * 1024;
/** How helpers say that what they keep is a token and no password. */
const TOKEN_USER = '<token>';

const gotSchema = z.object({ Username: z.string(), Secret: z.string() });
const listSchema = z.record(z.string(), z.string()).nullable();

export function openCredentialHelper(options: HelperOptions): CredentialHelper {
  const program = `docker-credential-${options.name}`;
  const call = async (verb: string, input: string, secret?: string): Promise<HelperOutput> => {
    const output = await runHelper(program, verb, input, options);
    if (output.isWell || isAbsence(output.said)) return output;
    throw helperFailed(program, verb, withoutSecret(output.said, secret));
  };
  return {
    program,
    get: async (registry) => {
      for (const address of helperAddresses(registry)) {
        const { isWell, said } = await call('get', address);
        const got = isWell ? parseOutput(gotSchema, said, program, 'get') : undefined;
        if (got !== undefined && got.Secret !== '') return toCredential(got);
      }
      return undefined;
    },
    store: async (registry, credential) => {
      const [ServerURL] = helperAddresses(registry);
      const Username = credential.kind === 'password' ? credential.username : TOKEN_USER;
      const input = JSON.stringify({ ServerURL, Username, Secret: credential.secret });
      await call('store', input, credential.secret);
    },
    erase: async (registry) => {
      let erased = false;
      for (const address of helperAddresses(registry)) {
        // Helpers erase what is not there without a word.
        const there = await call('get', address);
        if (!there.isWell) continue;
        erased = (await call('erase', address)).isWell || erased;
      }
      return erased;
    },
    list: async () => {
      const { isWell, said } = await call('list', '');
      const listed = isWell ? (parseOutput(listSchema, said, program, 'list') ?? {}) : {};
      return Object.entries(listed).map(([key, username]) => ({ registry: parseRegistryKey(key), username }));
    },
  };
}

function toCredential({ Username, Secret }: z.output<typeof gotSchema>): Credential {
  return Username === TOKEN_USER
    ? { kind: 'identity-token', username: '', secret: Secret }
    : { kind: 'password', username: Username, secret: Secret };
}

interface HelperOutput {
  readonly isWell: boolean;
  /** Standard output, where helpers also write their errors; standard error when there is none. */
  readonly said: string;
}

/** The secret goes in on standard input; arguments are for anyone to see. */
function runHelper(
  program: string,
  verb: string,
  input: string,
  { name, env, timeLimitMs = TIME_LIMIT_MS, signal }: HelperOptions,
): Promise<HelperOutput> {
  if (!/^[\w.-]+$/.test(name)) {
    throw new EngineError('INVALID_INPUT', `${JSON.stringify(name)} is not a credential helper's name`);
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'], signal });
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(helperFailed(program, verb, `it did not end within ${timeLimitMs / 1000} s`));
    }, timeLimitMs);
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (piece: string) => {
        if (said[stream].length < OUTPUT_LIMIT_BYTES) said[stream] += piece;
      });
    }
    child.once('error', (cause) => {
      clearTimeout(limit);
      reject(signal?.aborted === true ? cancelled(program) : notRunnable(program, cause));
    });
    child.once('close', (status) => {
      clearTimeout(limit);
      resolve({ isWell: status === 0, said: said.stdout.trim() || said.stderr.trim() });
    });
    // A helper that fails before it has read closes the pipe; its exit says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** The protocol has no code for it: docker's own client knows an absent credential by these words. */
function isAbsence(said: string): boolean {
  return /credentials not found in native keychain|no credentials server URL|no credentials username/i.test(
    said,
  );
}

function parseOutput<T>(schema: z.ZodType<T>, text: string, program: string, verb: string): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  // What it said may be the secret.
  throw helperFailed(program, verb, 'its answer is not of the form that helpers answer in');
}

function withoutSecret(said: string, secret: string | undefined): string {
  return secret ? said.replaceAll(secret, '***') : said;
}

function helperFailed(program: string, verb: string, why: string): EngineError {
  const line = why.split('\n')[0]?.slice(0, 300) || 'it does not say why';
  return new EngineError('IO', `${program} ${verb} failed: ${line}`);
}

function notRunnable(program: string, cause: Error): EngineError {
  const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  return new EngineError('IO', `${program} ${isAbsent ? 'is not installed' : 'does not start'}`, {
    hint: 'Install it, or take its name (credsStore, credHelpers) out of the file that names it.',
    cause,
  });
}
