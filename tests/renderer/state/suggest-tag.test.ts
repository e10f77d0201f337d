import { expect, test } from 'vitest';
import { suggestTag } from '../../../src-renderer/state/suggest-tag.ts';

test.each([
  ['shop-api', 'shop-api:latest'],
  ['My Project (2)', 'my-project-2:latest'],
  ['Café_Ü', 'cafe-u:latest'],
  ['__x--y..z__', 'x-y-z:latest'],
  ['日本', 'image:latest'],
])('a folder called %s suggests %s', (folder, tag) => {
  expect(suggestTag(folder)).toBe(tag);
});
