import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { isEngineError } from '../../../src-main/contract/errors.ts';
import type { Fault, FaultProxy, SeenRequest } from '../../fixtures/fault-proxy.ts';
import type { RemoteImage } from '../../fixtures/put-remote-image.ts';
import { hasRegistryServer } from '../../fixtures/registry-server.ts';
import { collector, pullerWith, faultProxy, freshImage, isSound, useRegistry } from './pull-bench.ts';

const KIB = 1024;
const HAS_REGISTRY = await hasRegistryServer();

/** Spoils the answers for the image's first layer, one after the other, and then no more. */
function inTurn(proxy: FaultProxy, { layers }: RemoteImage, faults: readonly Fault[]): void {
  const waiting = [...faults];
  proxy.spoil(({ path }) => (path.endsWith(layers[0]?.digest ?? '?') ? waiting.shift() : undefined));
}

function always(proxy: FaultProxy, { layers }: RemoteImage, fault: Fault): void {
  proxy.spoil(({ path }) => (path.endsWith(layers[0]?.digest ?? '?') ? fault : undefined));
}

function blobRequests(proxy: FaultProxy, digest: Digest): readonly SeenRequest[] {
  return proxy.requests.filter(({ path }) => path.endsWith(digest));
}

function retryingNotes(told: ReturnType<typeof collector>['told']): readonly string[] {
  return told.flatMap(({ layers = [], note }) => [
    ...(note === undefined ? [] : [note]),
    ...layers.flatMap((layer) => (layer.state === 'retrying' ? [layer.note ?? ''] : [])),
  ]);
}

describe.skipIf(!HAS_REGISTRY)('a pull over a bad network', () => {
  const registry = useRegistry();

  test('whatever is cut off, ends with the right digest or a clear error, and the next one asks for the rest', async () => {
    const image = await freshImage(registry.host, [300 * KIB, 90 * KIB]);
    const cuts = fc.array(fc.integer({ min: 0, max: 300 * KIB }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (positions) => {
        const proxy = await faultProxy(registry.host);
        const { pull, store } = await pullerWith({});
        const waiting = [...positions];
        proxy.spoil(({ kind }) => (kind === 'blob' ? { cutAfter: waiting.shift() } : undefined));
        const ref = `${proxy.host}/${image.name}`;
        const first = await pull(ref).catch((error: unknown) => error);
        if (isEngineError(first)) expect(first.code).toBe('REGISTRY');
        else expect(first).toMatchObject({ digest: image.digest });
        expect(await isSound(store)).toBe(true);
        proxy.spoil(() => undefined);
        expect(await pull(ref)).toMatchObject({ digest: image.digest });
        expect(await isSound(store)).toBe(true);
        expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  test('a cut layer goes on where it was cut', async () => {
    const image = await freshImage(registry.host, [600 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull, store } = await pullerWith({});
    inTurn(proxy, image, [{ cutAfter: 500 * KIB, pieceBytes: 50 * KIB }]);
    const layer = image.layers[0]?.digest ?? image.digest;
    await pull(`${proxy.host}/${image.name}`);
    const [first, second, ...others] = blobRequests(proxy, layer).map(({ range }) => range);
    expect([first, others]).toEqual([undefined, []]);
    const from = Number(/^bytes=(\d+)-$/.exec(second ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(500 * KIB);
    expect(await isSound(store)).toBe(true);
  });

  test('a server that knows no ranges sends all again, and the layer is right', async () => {
    const image = await freshImage(registry.host, [300 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull, store } = await pullerWith({});
    const whole = Buffer.from(
      await (
        await fetch(`http://${registry.host}/v2/${image.name.split(':')[0]}/blobs/${image.layers[0]?.digest}`)
      ).arrayBuffer(),
    );
    inTurn(proxy, image, [
      { cutAfter: 200 * KIB, pieceBytes: 20 * KIB },
      { answer: { status: 200, body: whole } },
    ]);
    expect(await pull(`${proxy.host}/${image.name}`)).toMatchObject({
      digest: image.digest,
    });
    expect(await isSound(store)).toBe(true);
  });

  test('a connection that stalls is left, and the layer goes on over another', async () => {
    const image = await freshImage(registry.host, [300 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull, store } = await pullerWith({}, { stallSeconds: 0.2 });
    inTurn(proxy, image, [{ stallAfter: 250 * KIB }, { stallAfter: 0 }]);
    const { told, onProgress } = collector();
    await pull(`${proxy.host}/${image.name}`, { onProgress });
    expect(retryingNotes(told).join('\n')).toContain('it stopped sending, next try in 1 s');
    expect(await isSound(store)).toBe(true);
  });

  test('a slow link is no stalled one', async () => {
    const image = await freshImage(registry.host, [200 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({}, { stallSeconds: 0.3, attempts: 1 });
    proxy.spoil(({ kind }) => (kind === 'blob' ? { pieceBytes: 300 } : undefined));
    expect(await pull(`${proxy.host}/${image.name}`)).toMatchObject({
      digest: image.digest,
    });
  });

  test.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1500).toUTCString()],
  ])('429 with Retry-After in %s is waited for, and said', async (_, retryAfter) => {
    const image = await freshImage(registry.host, [10 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({}, { parallel: 1 });
    inTurn(proxy, image, [{ answer: { status: 429, headers: { 'retry-after': retryAfter() } } }]);
    const { told, onProgress } = collector();
    await pull(`${proxy.host}/${image.name}`, { onProgress });
    expect(retryingNotes(told)[0]).toMatch(/^rate limited by 127\.0\.0\.1:\d+, next try in [12] s$/);
    expect(proxy.requests.filter(({ kind }) => kind === 'blob')).toHaveLength(3);
  });

  test('429 that asks for hours is told at once', async () => {
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({});
    proxy.spoil(({ kind }) =>
      kind === 'manifest' ? { answer: { status: 429, headers: { 'retry-after': '7200' } } } : undefined,
    );
    await expect(pull(`${proxy.host}/app:1`)).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `cannot get app:1 from ${proxy.host}: it limits the rate (429)`,
      hint: 'It asks to be left alone for 2 h. Try again later; a login often allows more.',
    });
    expect(proxy.requests.filter(({ kind }) => kind === 'manifest')).toHaveLength(1);
  });

  test('errors of the server pass, or end the pull after so many tries', async () => {
    const image = await freshImage(registry.host, [10 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({}, { attempts: 3, parallel: 1 });
    const down = { answer: { status: 503 } };
    inTurn(proxy, image, [down, { answer: { status: 500 } }]);
    await pull(`${proxy.host}/${image.name}`);
    const other = await pullerWith({}, { attempts: 3, parallel: 1 });
    always(proxy, image, down);
    proxy.requests.length = 0;
    await expect(other.pull(`${proxy.host}/${image.name}`)).rejects.toMatchObject({
      code: 'REGISTRY',
      message: expect.stringContaining('503') as unknown,
    });
    expect(blobRequests(proxy, image.layers[0]?.digest ?? image.digest)).toHaveLength(3);
  });

  test.each<[string, Fault, string]>([
    ['other bytes', { change: (body) => Buffer.alloc(body.length, 7) }, 'digest is'],
    ['a length that is not the manifest’s', { answer: { status: 200, body: 'short' } }, 'instead of'],
    [
      'more bytes than they say',
      { headers: { 'content-length': undefined }, change: (body) => Buffer.concat([body, body]) },
      'more than the',
    ],
  ])('%s under a digest are never stored', async (_, fault, says) => {
    const image = await freshImage(registry.host, [20 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull, store } = await pullerWith({}, { parallel: 1 });
    always(proxy, image, fault);
    await expect(pull(`${proxy.host}/${image.name}`)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(says) as unknown,
    });
    expect(await store.blobs.has(image.layers[0]?.digest ?? image.digest)).toBe(false);
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
    expect(store.images.list()).toEqual([]);
  });

  test('what a mirror has wrong is got from the registry', async () => {
    const image = await freshImage(registry.host, [20 * KIB]);
    const mirror = await faultProxy(registry.host);
    const origin = await faultProxy(registry.host);
    always(mirror, image, { change: (body) => Buffer.alloc(body.length, 7) });
    const { pull, store } = await pullerWith({ [origin.host]: { mirrors: [`http://${mirror.host}`] } });
    expect(await pull(`${origin.host}/${image.name}`)).toMatchObject({
      digest: image.digest,
    });
    expect(await isSound(store)).toBe(true);
    const kinds = (proxy: FaultProxy) => [
      ...new Set(proxy.requests.filter(({ kind }) => kind !== 'other').map(({ kind }) => kind)),
    ];
    expect([kinds(mirror), kinds(origin)]).toEqual([['manifest', 'blob'], ['blob']]);
  });

  test('a manifest under its digest is proved as well', async () => {
    const image = await freshImage(registry.host, [KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({});
    proxy.spoil(({ kind }) =>
      kind === 'manifest'
        ? {
            change: (body) => Buffer.from(body.toString().replace('}', ' }')),
            headers: { 'content-length': undefined },
          }
        : undefined,
    );
    const ref = `${proxy.host}/${image.name.split(':')[0]}@${image.digest}`;
    await expect(pull(ref)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(`asked for ${image.digest}, the registry sent sha256:`) as unknown,
    });
  });

  test('a redirect to another host is followed without what authorizes us', async () => {
    const image = await freshImage(registry.host, [20 * KIB]);
    const proxy = await faultProxy(registry.host);
    const storage = await faultProxy(registry.host);
    proxy.spoil(({ path, kind, authorization }) => {
      if (path.startsWith('/token')) return { answer: { status: 200, body: '{"token":"secret"}' } };
      const challenge = `Bearer realm="http://${proxy.host}/token",service="test"`;
      if (authorization === undefined)
        return { answer: { status: 401, headers: { 'www-authenticate': challenge } } };
      return kind === 'blob'
        ? { answer: { status: 307, headers: { location: `http://${storage.host}${path}` } } }
        : undefined;
    });
    const { pull } = await pullerWith({});
    expect(await pull(`${proxy.host}/${image.name}`)).toMatchObject({
      digest: image.digest,
    });
    const seen = ({ requests }: FaultProxy) =>
      new Set(requests.filter(({ kind }) => kind === 'blob').map(({ authorization }) => authorization));
    expect([seen(proxy), seen(storage)]).toEqual([new Set(['Bearer secret']), new Set([undefined])]);
  });

  test.each([
    ['in a circle', (path: string) => path, 'redirects in a circle'],
    ['without end', (path: string) => `${path}?again${path.length}`, 'redirects more than 5 times'],
  ])('a server that redirects %s is left', async (_, next, says) => {
    const proxy = await faultProxy(registry.host);
    proxy.spoil(({ path, kind }) =>
      kind === 'manifest' ? { answer: { status: 307, headers: { location: next(path) } } } : undefined,
    );
    const { pull } = await pullerWith({});
    await expect(pull(`${proxy.host}/app:1`)).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${proxy.host} ${says}`,
    });
  });

  test('two that pull the same at once transfer each blob once', async () => {
    const image = await freshImage(registry.host, [100 * KIB, 200 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull } = await pullerWith({});
    const ref = `${proxy.host}/${image.name}`;
    const results = await Promise.all([pull(ref), pull(ref)]);
    expect(results.map(({ digest }) => digest)).toEqual([image.digest, image.digest]);
    const paths = proxy.requests.filter(({ kind }) => kind === 'blob').map(({ path }) => path);
    expect(paths.toSorted()).toEqual([...new Set(paths)].sort());
  });

  test('who cancels is answered at once, and only a part is left, which the next one goes on with', async () => {
    const image = await freshImage(registry.host, [400 * KIB]);
    const proxy = await faultProxy(registry.host);
    const { pull, store } = await pullerWith({}, { stallSeconds: 60 });
    const layer = image.layers[0]?.digest ?? image.digest;
    proxy.spoil(({ path }) => (path.endsWith(layer) ? { stallAfter: 300 * KIB } : undefined));
    const abort = new AbortController();
    const onProgress = ({
      layers = [],
    }: {
      layers?: { bytes: number; digest: string }[] | undefined;
    }): void => {
      if (layers.some(({ digest, bytes }) => digest === layer && bytes > 64 * KIB)) abort.abort();
    };
    const ref = `${proxy.host}/${image.name}`;
    await expect(pull(ref, { signal: abort.signal, onProgress })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([`partial.${layer.replace(':', '.')}`]);
    proxy.spoil(() => undefined);
    proxy.requests.length = 0;
    expect(await pull(ref)).toMatchObject({ digest: image.digest });
    expect(blobRequests(proxy, layer).map(({ range }) => range?.replace(/\d+/, 'N'))).toEqual(['bytes=N-']);
  });

  test('each layer is told of, with how far it is', async () => {
    const image = await freshImage(registry.host, [50 * KIB, 60 * KIB]);
    const { pull } = await pullerWith({});
    const ref = `${registry.host}/${image.name}`;
    const { told, onProgress } = collector();
    await pull(ref, { onProgress });
    const totalBytes = image.layers.reduce((sum, { size }) => sum + size, 0);
    const last = told.at(-1);
    expect(last?.layers?.slice(1)).toEqual(
      image.layers.map(({ digest, size }) => ({ digest, bytes: size, totalBytes: size, state: 'done' })),
    );
    expect([last?.what, last?.bytes]).toEqual(['pulling', last?.totalBytes]);
    expect(last?.totalBytes).toBeGreaterThan(totalBytes);
    const again = collector();
    await pull(ref, { onProgress: again.onProgress });
    expect(again.told.at(-1)?.layers?.map(({ state }) => state)).toEqual(['there', 'there', 'there']);
  });
});
