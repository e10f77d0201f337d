import { z } from 'zod';
import { digestSchema, type Digest } from '../../../contract/oci-types.ts';
import { getJsonRecord, putJsonRecord } from '../../store/json-record.ts';
import type { CopyRequest } from '../execute/copy-request.ts';
import type { InstructionContext } from '../execute/instruction-context.ts';
import { cacheKey } from './cache-key.ts';

const KIND = 'copy-keys';

const recordSchema = z.object({
  /** What was asked: the keys are those of this and of nothing else. */
  question: digestSchema,
  metadataKey: digestSchema,
  contentKey: digestSchema,
  ownKey: digestSchema,
  /** For the build's record: what was read of contexts. */
  read: z.array(digestSchema),
});

/** The keys of a copy, as its recipe has them before times come in. */
export type CopyKeys = Readonly<Omit<z.output<typeof recordSchema>, 'question'>>;

/**
 * The keys that a copy had in an earlier build, when it reads the same tree in the same revision: then tens of
 * thousands of files need not be described again. The last of each place is kept, so that they do not grow in number.
 */
export function recallKeys(
  context: InstructionContext,
  parent: Digest,
  request: CopyRequest,
): CopyKeys | undefined {
  if (request.asked === undefined) return undefined;
  const record = getJsonRecord(context.run.deps.store, KIND, placeOf(context, request), recordSchema);
  return record?.question === questionOf(parent, request.asked) ? record : undefined;
}

export function rememberKeys(
  context: InstructionContext,
  parent: Digest,
  request: CopyRequest,
  keys: CopyKeys,
): void {
  if (request.asked === undefined || recallKeys(context, parent, request) !== undefined) return;
  const question = questionOf(parent, request.asked);
  putJsonRecord(context.run.deps.store, KIND, placeOf(context, request), { question, ...keys });
}

function placeOf({ run, step }: InstructionContext, { written }: CopyRequest): Digest {
  return cacheKey('place of keys', run.request.context, step, written);
}

function questionOf(parent: Digest, { revision, words }: NonNullable<CopyRequest['asked']>): Digest {
  return cacheKey('question', parent, revision, words);
}
