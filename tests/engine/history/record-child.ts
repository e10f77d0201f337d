// Begins the record of a build in the folder that it is told, says so, and waits to be killed.
import { buildRequestSchema } from '../../../src-main/contract/builds-api.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { BuildRecords } from '../../../src-main/engine/history/build-records.ts';

const root = process.argv[2] ?? '';
const records = new BuildRecords({ root, version: '1', log: silentLog });
const recorder = records.begin(buildRequestSchema.parse({ context: '/project', tags: ['app:1'] }));
const event = { type: 'step-output', step: '0.1', stream: 'stdout', text: 'half way\n' } as const;
recorder.note({ type: 'event', event });
const timer = setInterval(() => {
  void records.log(recorder.id, 0).then(
    ({ events }) => {
      if (events.length === 0) return;
      clearInterval(timer);
      setInterval(() => undefined, 60_000);
      process.send?.(recorder.id);
    },
    () => undefined,
  );
}, 10);
