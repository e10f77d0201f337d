import { EngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import { readLimited } from '../http/read-limited.ts';
import type { HttpResponse } from '../http/transport.ts';

/** An image config's bytes as a registry answers with them, proved by the manifest; CORRUPT, LIMIT_EXCEEDED. */
export async function readConfig(response: HttpResponse, { digest, size }: Descriptor): Promise<Uint8Array> {
  const bytes = await readLimited(response, DOCUMENT_LIMIT_BYTES, `the config ${digest}`);
  if (digestOf(bytes) === digest && bytes.length === size) return bytes;
  throw new EngineError('CORRUPT', `asked for ${digest}, the registry sent ${digestOf(bytes)}`);
}
