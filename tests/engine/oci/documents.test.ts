import { describe, expect, test } from 'vitest';
import { chainIds } from '../../../src-main/engine/oci/chain-id.ts';
import { createDigester, digestOf, parseDigest } from '../../../src-main/engine/oci/digest.ts';
import { parseImageConfig } from '../../../src-main/engine/oci/image-config.ts';
import { parseImageIndex } from '../../../src-main/engine/oci/image-index.ts';
import { parseManifest } from '../../../src-main/engine/oci/manifest.ts';
import { formatPlatform, isSamePlatform, parsePlatform } from '../../../src-main/engine/oci/platform.ts';

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const descriptor = { mediaType: 'x', digest: digestOf('x'), size: 1 };

describe('a digest', () => {
  test('is computed the same at once and in pieces', () => {
    const digester = createDigester();
    for (const piece of ['a', 'b', 'c']) digester.update(new TextEncoder().encode(piece));
    expect(digester.digest()).toBe(digestOf('abc'));
  });

  test.each([
    'sha256:zz',
    'sha256:' + 'A'.repeat(64),
    'md5:' + '0'.repeat(32),
    'sha256:../../etc/passwd',
    '',
  ])('%j is not one', (text) => {
    expect(() => parseDigest(text)).toThrow('not a digest');
  });
});

describe('documents', () => {
  test('keep members that this version does not know', () => {
    const manifest = {
      schemaVersion: 2,
      config: descriptor,
      layers: [{ ...descriptor, later: true }],
      later: [1],
    };
    expect(parseManifest(json(manifest))).toEqual(manifest);
  });

  test('that could be read in two ways are refused', () => {
    const both = { schemaVersion: 2, config: descriptor, layers: [], manifests: [] };
    expect(() => parseManifest(json(both))).toThrow('two ways');
    expect(() => parseImageIndex(json(both))).toThrow('two ways');
  });

  test('with a false digest are refused', () => {
    const manifest = { schemaVersion: 2, config: { ...descriptor, digest: 'sha256:..' }, layers: [] };
    expect(() => parseManifest(json(manifest))).toThrow('not an image manifest');
  });

  test('above 4 MiB are refused before they are parsed', () => {
    expect(() => parseImageConfig(new Uint8Array(4 * 1024 * 1024 + 1))).toThrow('more than 4 MiB');
  });

  test('that are not UTF-8 are refused', () => {
    expect(() => parseImageConfig(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))).toThrow('not JSON');
  });

  test('a config without layers or history is read', () => {
    const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: null } };
    expect(parseImageConfig(json(config))).toEqual({ ...config, rootfs: { type: 'layers', diff_ids: [] } });
  });
});

describe('chain IDs', () => {
  test('begin with the first diff ID and fold the rest in', () => {
    const [a, b, c] = [digestOf('a'), digestOf('b'), digestOf('c')];
    const ab = digestOf(`${a} ${b}`);
    expect(chainIds([a, b, c])).toEqual([a, ab, digestOf(`${ab} ${c}`)]);
  });
});

describe('a platform', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/arm/v7', 'linux/arm/v7'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['aarch64', 'linux/arm64'],
    ['Linux/ARM64', 'linux/arm64'],
  ])('%s is %s', (text, normal) => {
    expect(formatPlatform(parsePlatform(text))).toBe(normal);
  });

  test.each(['', 'a/b/c/d', 'linux/', 'what', 'linux/am d'])('%j is refused', (text) => {
    expect(() => parsePlatform(text)).toThrow('not a platform');
  });

  test('of arm without a variant is v7', () => {
    expect(isSamePlatform({ os: 'linux', architecture: 'arm' }, parsePlatform('linux/arm/v7'))).toBe(true);
  });
});
