/** Runs a few commands as whoever runs this, and prints what came of them as JSON. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { changesOf, openTestSandbox, type Outcome } from './open-test-sandbox.ts';

const box = await openTestSandbox();

function plain({ exitCode, stdout, stderr, layer }: Outcome): object {
  return { exitCode, stdout, stderr, changes: changesOf(layer) };
}

async function leftOver(): Promise<readonly string[]> {
  const folder = box.store.snapshotsFolder;
  const engines = (await readdir(folder)).filter((name) => name.startsWith('.engine-'));
  const inside = await Promise.all(engines.map((name) => readdir(join(folder, name))));
  return inside.flat().filter((name) => name.startsWith('run-'));
}

try {
  const made = await box.run(
    'stat -c %u:%g /etc; echo x > /own; echo y > /made; chmod 640 /made; chown 1234:50 /made; rmdir /home/ada',
  );
  const layers = [box.base, ...(made.layer === undefined ? [] : [made.layer])];
  const seen = await box.run('stat -c "%u:%g %a" /made; ls -d home; ls /home/ada || true', { layers });
  const asAda = await box.run('echo "$(id -u):$(id -g)"; echo x > /tmp/x', { layers, user: 'ada' });
  const device = await box.run('mknod /mem c 1 1', { layers });
  const outcomes = { made: plain(made), seen: plain(seen), asAda: plain(asAda), device: plain(device) };
  process.stdout.write(JSON.stringify({ ...outcomes, leftOver: await leftOver() }));
} finally {
  await box.close();
}
