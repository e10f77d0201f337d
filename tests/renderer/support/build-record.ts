import type {
  BuildRecord,
  BuildSummary,
  RecordedStep,
} from '../../../src-main/contract/build-records-api.ts';
import { buildRequestSchema } from '../../../src-main/contract/builds-api.ts';

export function buildSummary(fields: Partial<BuildSummary> = {}): BuildSummary {
  return {
    id: '0000000000000001',
    status: 'succeeded',
    name: 'app:1',
    tags: ['app:1'],
    context: '/home/me/app',
    startedAt: '2026-11-26T10:00:00.000Z',
    durationMs: 1000,
    steps: { total: 2, ran: 1, cached: 1 },
    isImported: false,
    sizeBytes: 1000,
    ...fields,
  };
}

export function buildRecord(fields: Partial<BuildRecord> = {}): BuildRecord {
  return {
    ...buildSummary(),
    varve: '1',
    host: { os: 'linux', architecture: 'amd64' },
    request: buildRequestSchema.parse({ context: '/home/me/app', tags: ['app:1'] }),
    dockerfile: { path: '/home/me/app/Dockerfile', file: 'Dockerfile', text: 'FROM scratch\nCOPY a /\n' },
    stages: [],
    steps: [],
    warnings: [],
    ...fields,
  };
}

export function recordedStep(fields: Partial<RecordedStep> = {}): RecordedStep {
  return {
    id: '0.1',
    stage: '0',
    position: 1,
    total: 1,
    instruction: 'COPY a /',
    keyword: 'COPY',
    location: { file: 'Dockerfile', line: 2, column: 1, endLine: 2, endColumn: 9 },
    ...fields,
  };
}
