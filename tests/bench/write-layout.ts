import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const MIB = 1024 * 1024;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An OCI layout of one image, tagged `1`, whose layers hold a file of noise each: they cannot be made smaller. */
export async function writeLayout(folder: string, layers: number, layerBytes: number): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const written: { readonly layer: Descriptor; readonly diffId: string }[] = [];
  for (let count = 0; count < layers; count += 1) written.push(await writeLayer(blobs, count, layerBytes));
  const config = writeDocument(blobs, 'application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: written.map(({ diffId }) => diffId) },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const image = { schemaVersion: 2, mediaType, config, layers: written.map(({ layer }) => layer) };
  const manifest = writeDocument(blobs, mediaType, image);
  const annotations = { 'org.opencontainers.image.ref.name': '1' };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

async function writeLayer(
  blobs: string,
  number: number,
  bytes: number,
): Promise<{ readonly layer: Descriptor; readonly diffId: string }> {
  const path = join(blobs, `layer-${number}`);
  const diffId = createHash('sha256');
  await pipeline(
    Readable.from(tarOfNoise(`noise-${number}`, bytes)),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        diffId.update(chunk);
        yield chunk;
      }
    },
    createGzip({ level: 0 }),
    createWriteStream(path),
  );
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  const hex = digest.digest('hex');
  const size = statSync(path).size;
  renameSync(path, join(blobs, hex));
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  return {
    layer: { mediaType, digest: `sha256:${hex}`, size },
    diffId: `sha256:${diffId.digest('hex')}`,
  };
}

/** A tar of one file; `bytes` is a whole number of MiB. */
function* tarOfNoise(name: string, bytes: number): Generator<Buffer, void> {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write(`${'0'.repeat(11)}\0        0`, 136);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  yield header;
  for (let piece = 0; piece < bytes / MIB; piece += 1) yield randomBytes(MIB);
  yield Buffer.alloc(1024);
}

function writeDocument(blobs: string, mediaType: string, document: object): Descriptor {
  const bytes = Buffer.from(JSON.stringify(document));
  const hex = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(blobs, hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}
