import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { tempFolder } from '../support/temp-store.ts';

const run = promisify(execFile);

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_AUTHOR_DATE: '2005-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2005-01-01T00:00:00Z',
};

/** A repository in a temporary folder, to be filled with commits. */
export class TestRepository {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<TestRepository> {
    const repository = new TestRepository(join(await tempFolder(), 'repo'));
    await run('git', ['init', '--quiet', '-b', 'main', repository.folder], { env: ENVIRONMENT });
    return repository;
  }

  async git(...args: string[]): Promise<string> {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'protocol.file.allow=always'];
    const { stdout } = await run('git', ['-C', this.folder, ...identity, ...args], { env: ENVIRONMENT });
    return stdout.trim();
  }

  /** Commits what the shell script leaves in the folder; answers the commit. */
  async commit(script: string): Promise<string> {
    await run('sh', ['-ec', script], { cwd: this.folder });
    await this.git('add', '-A');
    await this.git('commit', '--quiet', '-m', 'change');
    return this.git('rev-parse', 'HEAD');
  }

  /** Serves the repository as plain files, which git's oldest protocol reads; answers its address. */
  async serve(): Promise<string> {
    const bare = join(await tempFolder(), 'repo.git');
    await run('git', ['clone', '--quiet', '--bare', this.folder, bare], { env: ENVIRONMENT });
    await run('git', ['-C', bare, 'update-server-info'], { env: ENVIRONMENT });
    return `${await serveFolder(join(bare, '..'))}/repo.git`;
  }
}

/** Serves a folder's files on loopback until the test has finished; answers the address. */
export async function serveFolder(
  folder: string,
  headers: (path: string, given: NodeJS.Dict<string | string[]>) => Record<string, string> = () => ({}),
): Promise<string> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    readFile(join(folder, path)).then(
      (bytes) => response.writeHead(200, headers(path, request.headers)).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
