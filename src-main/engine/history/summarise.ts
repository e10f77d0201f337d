import { basename } from 'node:path';
import type { BuildStatus, BuildSummary } from '../../contract/build-records-api.ts';
import type { FoldedRecord } from './fold-record.ts';

/** What a list shows of a record. */
export function summarise(
  folded: FoldedRecord,
  file: { readonly sizeBytes: number },
  status: BuildStatus,
  nowMs: number,
): BuildSummary {
  const { head, end } = folded;
  const { request } = head;
  return {
    id: head.id,
    status,
    name: nameOf(request),
    tags: end?.result?.tags ?? request.tags,
    context: request.contextName ?? request.context,
    ...(request.target === undefined ? {} : { target: request.target }),
    startedAt: head.startedAt,
    durationMs: status === 'running' ? nowMs - Date.parse(head.startedAt) : folded.lastMs,
    steps: end?.steps ?? countSteps(folded),
    ...(end?.result === undefined ? {} : { digest: end.result.digest }),
    ...(end?.error === undefined ? {} : { failure: end.error.message }),
    isImported: head.importedAt !== undefined,
    sizeBytes: file.sizeBytes,
  };
}

function nameOf({ tags, context, contextName, target }: FoldedRecord['head']['request']): string {
  const [tag] = tags;
  if (tag !== undefined) return tag;
  const folder = contextName ?? basename(context);
  return target === undefined ? folder : `${folder} (${target})`;
}

function countSteps({ steps }: FoldedRecord): BuildSummary['steps'] {
  const count = (outcome: string): number => steps.filter((step) => step.outcome === outcome).length;
  return { total: steps.length, ran: count('ran'), cached: count('cached') };
}
