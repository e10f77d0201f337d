import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { startVarve } from '../fixtures/varve-cli.ts';
import { searchFor } from './support/secret-search.ts';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const { workshop, inSandbox } = useSandboxWorkshop();

const FILE_SECRET = 'tHe-FiLe-SeCrEt-0123456789';
const ENV_SECRET = 'tHe-EnV-sEcReT-9876543210';

const SEARCH = searchFor([FILE_SECRET, ENV_SECRET]);

const MOUNTS =
  '--mount=type=secret,id=file,target=/run/key --mount=type=secret,id=word,env=WORD --mount=type=secret,id=both,target=/both,env=BOTH';

const DOCKERFILE = `FROM busybox
RUN ${MOUNTS} test -s /run/key && test -n "$WORD" && test -n "$BOTH" && test -s /both && echo used > /used
RUN ${MOUNTS} cat /run/key; echo "$WORD" >&2; base64 /run/key; env; for c in $(echo "$WORD" | sed 's/./& /g'); do printf %s $c; done; echo printed
RUN ${MOUNTS} echo "fails with $WORD $(cat /run/key)"; exit 3
`;

function build(context: string, target: string[]): Parameters<typeof workshop.varve> {
  const secrets = ['id=file,src=key', 'id=word,env=THE_WORD', 'id=both,src=key'];
  return [
    ['build', ...secrets.flatMap((each) => ['--secret', each]), ...target, context],
    { env: { THE_WORD: ENV_SECRET } },
  ];
}

inSandbox(
  'a secret is nowhere: not in the store, its databases and logs, the image, an export or what is printed',
  async () => {
    await writeFile(join(workshop.folder, 'key'), `${FILE_SECRET}\n`);
    const lines = DOCKERFILE.split('\n');
    const folder = await workshop.write('context', { Dockerfile: DOCKERFILE });
    const good = await workshop.write('good', { Dockerfile: lines.slice(0, 3).join('\n') });

    const made = await workshop.varve(
      ...build(good, [
        '--progress',
        'plain',
        '-t',
        'secret:1',
        '-o',
        'type=oci,dest=out.tar',
        '-o',
        'type=local,dest=tree',
        '--cache-to',
        'type=local,dest=cache,mode=max',
      ]),
    );
    const told = await workshop.varve(...build(good, ['--progress', 'json', '--no-cache']));
    const failed = await workshop.varve(...build(folder, ['--progress', 'plain']));

    expect([made.status, told.status, failed.status], made.stderr).toEqual([0, 0, 1]);
    expect(made.stderr).toContain('printed');
    expect(made.stderr).toContain('***');
    expect(failed.stderr).toContain('fails with *** ***');
    for (const { stdout, stderr } of [made, told, failed]) {
      expect(SEARCH.isIn(stdout + stderr)).toBe(false);
    }
    await workshop.out(['save', 'secret:1', '-o', 'saved.tar']);
    await workshop.out(['builds', 'export', '-o', 'failed.varvebuild']);
    expect(SEARCH.isIn(await workshop.out(['builds', 'inspect', '--format', 'json']))).toBe(false);
    expect(
      SEARCH.isIn(gunzipSync(await readFile(join(workshop.folder, 'failed.varvebuild'))).toString()),
    ).toBe(false);
    expect(await SEARCH.files(workshop.folder)).toEqual(['key']);
    expect(await readFile(join(workshop.folder, 'tree', 'used'), 'utf8')).toBe('used\n');
  },
);

inSandbox('a secret is on no disk while a command has it', async () => {
  await writeFile(join(workshop.folder, 'key'), `${FILE_SECRET}\n`);
  const folder = await workshop.write('waits', {
    Dockerfile: `FROM busybox\nRUN ${MOUNTS} test -n "$WORD" && cat /both > /dev/null && echo has it && sleep 600\n`,
  });
  const [args, options] = build(folder, ['--progress', 'plain']);
  const child = startVarve(workshop.root, args, { cwd: workshop.folder, ...options });
  try {
    for await (const piece of child.stderr) if (String(piece).includes('has it')) break;
    expect(await SEARCH.files(workshop.root)).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

inSandbox('a file of more than 500 KiB is no secret, as with BuildKit', async () => {
  await writeFile(join(workshop.folder, 'key'), Buffer.alloc(500 * 1024 + 1, 'k'));
  const folder = await workshop.write('too-large', { Dockerfile: 'FROM busybox\nRUN true\n' });
  const { status, stderr } = await workshop.varve(['build', '--secret', 'id=file,src=key', folder]);
  expect([status, stderr]).toEqual([1, 'varve: the secret file has 512001 bytes, of at most 512000\n']);
});
