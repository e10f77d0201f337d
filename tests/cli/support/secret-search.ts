import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';

/** Looks for secrets as they are and in base64, also in what is compressed. */
export interface SecretSearch {
  isIn(bytes: Uint8Array | string): boolean;
  /** The files below a folder that hold one, by their paths in it. */
  files(folder: string): Promise<readonly string[]>;
}

export function searchFor(secrets: readonly string[]): SecretSearch {
  const forms = secrets.flatMap(formsOf);
  const isIn = (bytes: Uint8Array | string): boolean => {
    const plain = unpacked(Buffer.from(bytes));
    return forms.some((form) => plain.includes(form));
  };
  return {
    isIn,
    files: async (folder) => {
      const found: string[] = [];
      for await (const path of filesBelow(folder)) {
        if (isIn(await readFile(path).catch(() => ''))) found.push(relative(folder, path));
      }
      return found.sort();
    },
  };
}

/** What ends meanwhile holds nothing. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** A secret as it could be found: as it is, and in base64 at each of the three places where it may begin. */
function formsOf(secret: string): readonly Buffer[] {
  const base64 = ['', 'x', 'xx'].map((before) => {
    const encoded = Buffer.from(before + secret).toString('base64');
    // The first and the last characters also depend on what stands beside the secret.
    return encoded.slice(before.length === 0 ? 0 : 4, -4);
  });
  return [secret, ...base64].map((form) => Buffer.from(form));
}

function unpacked(bytes: Buffer): Buffer {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return isGzip ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
}
