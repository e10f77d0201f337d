import { describe, expect, test } from 'vitest';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop(async (shop) => {
  const Dockerfile = 'FROM scratch AS tools\nCOPY f g /x/\nFROM scratch\nCOPY --from=tools /x/f /f\n';
  const context = await shop.write('app', { Dockerfile, f: 'f', g: 'g' });
  await shop.out(['build', '-t', 'app:1', context]);
  await shop.out(['build', '-t', 'app:1', context]);
});

interface Line {
  readonly ID: string;
  readonly Description: string;
  readonly Shared: string;
  readonly Reclaimable: string;
  readonly UsageCount: number;
  readonly Bytes: number;
}

async function lines(): Promise<readonly Line[]> {
  const text = await workshop.out(['cache', 'ls', '--format', 'json']);
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
}

describe('varve cache', () => {
  test('ls tells what made each layer, who shares it, and sums that df has too', async () => {
    expect(
      (await lines())
        .map(({ Description, Shared, Reclaimable, UsageCount }) => ({
          Description,
          Shared,
          Reclaimable,
          UsageCount,
        }))
        .toSorted((a, b) => a.Description.localeCompare(b.Description)),
    ).toEqual([
      { Description: 'COPY --from=tools /x/f /f', Shared: 'true', Reclaimable: 'false', UsageCount: 1 },
      { Description: 'COPY f g /x/', Shared: 'false', Reclaimable: 'true', UsageCount: 1 },
    ]);
    const table = await workshop.out(['cache', 'ls']);
    expect(table).toMatch(/^ID +RECLAIMABLE +SIZE +LAST USED +HITS +DESCRIPTION$/m);
    const df = await workshop.out(['df']);
    expect(/^Build cache: +(.*)$/m.exec(table)?.[1]).toBe(/^Build cache +(\S+)$/m.exec(df)?.[1]);
  });

  test('limits are shown, set and reset; nonsense is refused', async () => {
    expect(await workshop.out(['cache', 'limits'])).toMatch(
      /^Size: .*\nAge: {2}30d\nThese are the defaults\.\n$/,
    );
    expect(await workshop.out(['cache', 'limits', '--max-size', '5GB', '--max-age', 'none'])).toBe(
      'Size: 5GB\nAge:  no limit\n',
    );
    expect(await workshop.out(['cache', 'limits', '--reset'])).toContain('defaults');
    const { status, stderr } = await workshop.varve(['cache', 'limits', '--max-size', 'lots']);
    expect(status).toBe(2);
    expect(stderr).toContain('for example 2GB');
  });

  test('prune asks, and with a limit frees only what is above it', async () => {
    const { status, stderr } = await workshop.varve(['cache', 'prune']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Say -f') as string,
    });
    expect(await workshop.out(['cache', 'prune', '-f', '--filter', 'until=24h'])).toContain(
      'Removed 0 entries',
    );
    expect(await workshop.out(['cache', 'prune', '-f', '--max-used-space', '1GB'])).toContain(
      'Removed 0 entries',
    );
  });

  test('rm forgets a layer by the beginning of its digest, prune the rest; the image stays', async () => {
    const { status, stderr } = await workshop.varve(['cache', 'rm', 'ffffffffffff']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is not in the build cache') as string,
    });
    const shared = (await lines()).find(({ Shared }) => Shared === 'true');
    expect(await workshop.out(['cache', 'rm', shared?.ID.slice(7, 19) ?? ''])).toBe(
      'Removed 1 entry from the cache\nTotal reclaimed space: 0B\n',
    );
    expect(await workshop.out(['cache', 'prune', '-f'])).toContain('Removed 1 entry');
    expect(await lines()).toEqual([]);
    expect(await workshop.out(['cat', 'app:1', '/f'])).toBe('f');
    expect((await workshop.varve(['verify'])).status).toBe(0);
  });
});
