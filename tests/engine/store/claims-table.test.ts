import { expect, test } from 'vitest';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import { isAfter } from '../../../src-main/engine/store/moments-table.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { tempFolder } from '../support/temp-store.ts';
import { temporaryStore } from './store-fixture.ts';

/** Claims the key once it is waited for by whoever calls this; `order` is told of each that has it. */
async function work(store: Store, order: string[], name: string, signal?: AbortSignal): Promise<void> {
  using _claim = await store.claims.claim('key', { signal, onWait: () => order.push(`${name} waits`) });
  order.push(`${name} has it`);
}

test.each(['one store', 'two openings of one store'] as const)(
  'one at a time has a key, in %s',
  async (how) => {
    const store = await temporaryStore();
    const other = how === 'one store' ? store : await temporaryStore({ root: store.root });
    const order: string[] = [];
    const claim = await store.claims.claim('key', {});
    const waiting = work(other, order, 'second');
    using _free = await other.claims.claim('another key', { onWait: () => order.push('never') });
    order.push('first is done');
    claim[Symbol.dispose]();
    await waiting;
    expect(order).toEqual(['second waits', 'first is done', 'second has it']);
  },
);

test('who is cancelled while waiting leaves nothing, and the next one gets it', async () => {
  const store = await temporaryStore();
  const order: string[] = [];
  const abort = new AbortController();
  const claim = await store.claims.claim('key', {});
  const cancelled = work(store, order, 'second', abort.signal);
  const waiting = work(store, order, 'third');
  abort.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  claim[Symbol.dispose]();
  await waiting;
  expect(order).toEqual(['second waits', 'third waits', 'third has it']);
});

test('closing a store ends its claims', async () => {
  const store = await temporaryStore();
  const other = await openStore({ root: store.root });
  await other.claims.claim('key', {});
  const order: string[] = [];
  const waiting = work(store, order, 'second');
  await other.close();
  await waiting;
  expect(order).toEqual(['second waits', 'second has it']);
});

test('a claim that ends twice does not end the one of whoever took over', async () => {
  const store = await temporaryStore();
  const first = await store.claims.claim('key', {});
  first[Symbol.dispose]();
  using _second = await store.claims.claim('key', {});
  first[Symbol.dispose]();
  const order: string[] = [];
  const abort = new AbortController();
  const third = work(store, order, 'third', abort.signal);
  abort.abort();
  await expect(third).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(order).toEqual(['third waits']);
});

test.each(['one store', 'two openings of one store'] as const)(
  'who wants only what began after a moment does not wait for what was begun before it, in %s',
  async (how) => {
    const store = await temporaryStore();
    const other = how === 'one store' ? store : await temporaryStore({ root: store.root });
    const before = other.claims.now();
    const claim = await store.claims.claim('key', {});
    const after = other.claims.now();
    expect(await other.claims.claimAfter(after, 'key', {})).toBeUndefined();
    const order: string[] = [];
    const waiting = other.claims.claimAfter(before, 'key', { onWait: () => order.push('waits') });
    order.push('the first is done');
    claim[Symbol.dispose]();
    using next = await waiting;
    expect(order).toEqual(['waits', 'the first is done']);
    expect([isAfter(claim.takenAt, before), isAfter(claim.takenAt, after)]).toEqual([true, false]);
    expect(isAfter(next?.takenAt, after)).toBe(true);
  },
);

test('a moment is not after one of an earlier era, which ends when no one has the store open', async () => {
  const folder = await tempFolder();
  const root = `${folder}/store`;
  const first = await openStore({ root });
  const earlier = first.claims.now();
  await first.close();
  await using second = await openStore({ root });
  await using third = await openStore({ root });
  const [later, last] = [second.claims.now(), third.claims.now()];
  expect([isAfter(later, earlier), isAfter(earlier, later), isAfter(last, later)]).toEqual([
    false,
    false,
    true,
  ]);
});
