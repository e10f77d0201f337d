import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { pruneAll, putImage, putTagged, ref, temporaryStore } from './store-fixture.ts';

const NAME = 'docker.io/library/app:1';
const app = ref('app:1');
const START = Date.UTC(2026, 0, 1);

/** A store with a clock that goes on by a second each time it is asked. */
async function clockedStore(): Promise<Store> {
  let ticks = 0;
  return temporaryStore({ clock: () => START + 1000 * ticks++ });
}

const pointsAt = (store: Store): string | undefined => store.tags.get(app)?.digest;

describe('moving a tag', () => {
  test('records where it was, where it is, when and why', async () => {
    const store = await clockedStore();
    const a = await putTagged(store, 'app:1', 'a');
    const b = await putImage(store, 'b');
    store.tags.move([{ reference: app, digest: b.digest }], 'tag');
    const [second, first] = store.tags.history(app);
    expect(first).toEqual({
      id: 1,
      name: NAME,
      to: a.digest,
      at: expect.any(String) as string,
      cause: 'build',
    });
    expect(second).toEqual({
      id: 2,
      name: NAME,
      from: a.digest,
      to: b.digest,
      at: expect.any(String) as string,
      cause: 'tag',
    });
    expect(store.tags.list()).toEqual([{ name: NAME, digest: b.digest, taggedAt: second?.at }]);
    expect(Date.parse(second?.at ?? '')).toBeGreaterThan(Date.parse(first?.at ?? ''));
  });

  test('to where it is already is no event', async () => {
    const store = await clockedStore();
    const { digest } = await putTagged(store, 'app:1', 'a');
    expect(store.tags.move([{ reference: app, digest }], 'pull')).toEqual([]);
    expect(store.tags.history()).toHaveLength(1);
  });

  test('together with others happens whole or not at all', async () => {
    const store = await clockedStore();
    const { digest } = await putTagged(store, 'app:1', 'a');
    const moves = [
      { reference: ref('other:1'), digest },
      { reference: ref('other:2'), digest: digestOf('absent') },
    ];
    expect(() => store.tags.move(moves, 'load')).toThrow('is not in the store');
    expect(store.tags.list().map((tag) => tag.name)).toEqual([NAME]);
    expect(store.tags.history()).toHaveLength(1);
  });

  test('keeps a name by digest for that digest alone', async () => {
    const store = await clockedStore();
    const { digest } = await putImage(store, 'a');
    const other = await putImage(store, 'b');
    const byDigest = ref(`app@${digest}`);
    const event = store.tags.move([{ reference: byDigest, digest }], 'pull')[0];
    expect(store.tags.list()).toEqual([
      { name: `docker.io/library/app@${digest}`, digest, taggedAt: event?.at },
    ]);
    expect(() => store.tags.move([{ reference: byDigest, digest: other.digest }], 'tag')).toThrow(
      `app@${digest} cannot name ${other.digest}`,
    );
  });

  test('to an image that lacks a layer is refused', async () => {
    const store = await clockedStore();
    const absent = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf('x'), size: 1 };
    const manifest = await store.blobs.put(
      Buffer.from(JSON.stringify({ schemaVersion: 2, config: absent, layers: [absent] })),
    );
    expect(() => store.tags.move([{ reference: app, digest: manifest.digest }], 'tag')).toThrow(
      absent.digest,
    );
  });
});

test('removing a tag is recorded; there must be one', async () => {
  const store = await clockedStore();
  const a = await putTagged(store, 'app:1', 'a');
  expect(store.tags.remove(app, 'untag')).toEqual({
    id: 2,
    name: NAME,
    from: a.digest,
    at: expect.any(String) as string,
    cause: 'untag',
  });
  expect(store.tags.get(app)).toBeUndefined();
  expect(() => store.tags.remove(app, 'untag')).toThrow('there is no tag app:1');
});

describe('undo', () => {
  test('walks back move by move until nothing is left', async () => {
    const store = await clockedStore();
    const a = await putTagged(store, 'app:1', 'a');
    const b = await putTagged(store, 'app:1', 'b');
    await putTagged(store, 'app:1', 'c');
    store.tags.undo(app);
    expect(pointsAt(store)).toBe(b.digest);
    store.tags.undo(app);
    expect(pointsAt(store)).toBe(a.digest);
    store.tags.undo(app);
    expect(pointsAt(store)).toBeUndefined();
    expect(() => store.tags.undo(app)).toThrow('there is no move of the tag app:1 left to undo');
    expect(store.tags.history(app).map((event) => event.cause)).toEqual([
      'undo',
      'undo',
      'undo',
      'build',
      'build',
      'build',
    ]);
  });

  test('goes on where it was after a new move', async () => {
    const store = await clockedStore();
    const a = await putTagged(store, 'app:1', 'a');
    await putTagged(store, 'app:1', 'b');
    store.tags.undo(app);
    await putTagged(store, 'app:1', 'c');
    store.tags.undo(app);
    expect(pointsAt(store)).toBe(a.digest);
    store.tags.undo(app);
    expect(pointsAt(store)).toBeUndefined();
  });

  test('brings back a removed tag', async () => {
    const store = await clockedStore();
    const a = await putTagged(store, 'app:1', 'a');
    store.tags.remove(app, 'untag');
    expect(store.tags.undo(app)).toMatchObject({ to: a.digest, cause: 'undo' });
    expect(pointsAt(store)).toBe(a.digest);
  });

  test('of an undo, named by its number, brings back what it took', async () => {
    const store = await clockedStore();
    const a = await putTagged(store, 'app:1', 'a');
    const b = await putTagged(store, 'app:1', 'b');
    const undo = store.tags.undo(app);
    store.tags.undo(app, undo.id);
    expect(pointsAt(store)).toBe(b.digest);
    store.tags.undo(app);
    expect(pointsAt(store)).toBe(a.digest);
  });

  test('of a move that is not the last is a conflict', async () => {
    const store = await clockedStore();
    await putTagged(store, 'app:1', 'a');
    const b = await putTagged(store, 'app:1', 'b');
    expect(() => store.tags.undo(app, 1)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => store.tags.undo(app, 99)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(pointsAt(store)).toBe(b.digest);
  });

  test("leaves other tags' moves alone", async () => {
    const store = await clockedStore();
    const a = await putTagged(store, 'app:1', 'a');
    await putTagged(store, 'other:1', 'b');
    expect(() => store.tags.undo(app, 2)).toThrow('has no move number 2');
    store.tags.undo(ref('other:1'));
    expect(store.tags.list().map((tag) => tag.digest)).toEqual([a.digest]);
  });

  test('to an image that was pruned says so and changes nothing', async () => {
    const store = await clockedStore();
    await putTagged(store, 'app:1', 'a');
    const b = await putTagged(store, 'app:1', 'b');
    await store.prune({ ...pruneAll, graceMs: 0 });
    expect(() => store.tags.undo(app)).toThrow('what app:1 pointed at before is gone');
    expect(pointsAt(store)).toBe(b.digest);
  });
});

test('history is newest first, of one tag or of all, as long as asked for', async () => {
  const store = await clockedStore();
  await putTagged(store, 'a:1', 'a');
  await putTagged(store, 'b:1', 'b');
  await putTagged(store, 'a:1', 'c');
  expect(store.tags.history().map((event) => event.id)).toEqual([3, 2, 1]);
  expect(store.tags.history(ref('a:1')).map((event) => event.id)).toEqual([3, 1]);
  expect(store.tags.history(undefined, 2).map((event) => event.id)).toEqual([3, 2]);
});
