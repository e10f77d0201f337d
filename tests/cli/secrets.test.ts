import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { startVarve } from '../fixtures/varve-cli.ts';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const { workshop, inSandbox } = useSandboxWorkshop();

const FILE_SECRET = 'tHe-FiLe-SeCrEt-0123456789';
const ENV_SECRET = 'tHe-EnV-sEcReT-9876543210';

/** A secret as it could be found: as it is, and in base64 at each of the three places where it may begin. */
function formsOf(secret: string): readonly Buffer[] {
  const base64 = ['', 'x', 'xx'].map((before) => {
    const encoded = Buffer.from(before + secret).toString('base64');
    // The first and the last characters also depend on what stands beside the secret.
    return encoded.slice(before.length === 0 ? 0 : 4, -4);
  });
  return [secret, ...base64].map((form) => Buffer.from(form));
}

const FORMS = [FILE_SECRET, ENV_SECRET].flatMap(formsOf);

/** Files below a folder that hold a secret, compressed ones unpacked too. */
async function filesWithSecrets(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && holdsSecret(await readFile(path).catch(() => Buffer.alloc(0)))) found.push(path);
  }
  return found;
}

function holdsSecret(bytes: Buffer): boolean {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
  return FORMS.some((form) => plain.includes(form));
}

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
      ]),
    );
    const told = await workshop.varve(...build(good, ['--progress', 'json', '--no-cache']));
    const failed = await workshop.varve(...build(folder, ['--progress', 'plain']));

    expect([made.status, told.status, failed.status], made.stderr).toEqual([0, 0, 1]);
    expect(made.stderr).toContain('printed');
    expect(made.stderr).toContain('***');
    expect(failed.stderr).toContain('fails with *** ***');
    for (const { stdout, stderr } of [made, told, failed]) {
      expect(holdsSecret(Buffer.from(stdout + stderr))).toBe(false);
    }
    await workshop.out(['save', 'secret:1', '-o', 'saved.tar']);
    const outside = (await filesWithSecrets(workshop.folder)).map((path) =>
      path.slice(workshop.folder.length + 1),
    );
    expect(outside).toEqual(['key']);
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
    expect(await filesWithSecrets(workshop.root)).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
