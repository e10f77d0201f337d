import { expect, test } from 'vitest';
import { putImage, temporaryStore } from './store-fixture.ts';

test('a record is kept until it is replaced or deleted, also by the next process', async () => {
  const store = await temporaryStore();
  store.records.put('step', 'a', Buffer.from('1'));
  store.records.put('step', 'a', Buffer.from('2'));
  store.records.put('stat', 'a', Buffer.alloc(0));
  await store.close();
  const again = await temporaryStore({ root: store.root });
  expect(again.records.get('step', 'a')).toEqual(Buffer.from('2'));
  expect(again.records.get('stat', 'a')).toEqual(Buffer.alloc(0));
  again.records.delete('step', 'a');
  expect(again.records.get('step', 'a')).toBeUndefined();
  expect(again.records.get('none', 'a')).toBeUndefined();
});

test('keys come by prefix, the one used longest ago first', async () => {
  const store = await temporaryStore();
  for (const key of ['x/1', 'x/2', 'x/3', 'x%', 'y']) store.records.put('step', key, Buffer.from(key));
  expect(store.records.keys('step', 'x/')).toEqual(['x/1', 'x/2', 'x/3']);
  store.records.get('step', 'x/1');
  expect(store.records.keys('step', 'x/')).toEqual(['x/2', 'x/3', 'x/1']);
  expect(store.records.keys('step')).toEqual(['x/2', 'x/3', 'x%', 'y', 'x/1']);
});

test('listeners hear once of what one turn changed, and no more after they left', async () => {
  const store = await temporaryStore();
  let heard = 0;
  const stop = store.onChange(() => heard++);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  store.records.put('step', 'a', Buffer.from('1'));
  store.records.put('step', 'b', Buffer.from('1'));
  await turn();
  expect(heard).toBe(1);
  await putImage(store, 'a');
  await turn();
  expect(heard).toBe(2);
  stop();
  store.records.delete('step', 'a');
  await turn();
  expect(heard).toBe(2);
});
