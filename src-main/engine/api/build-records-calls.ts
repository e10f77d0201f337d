import type { EngineApi } from '../../contract/engine-api.ts';
import type { BuildRecords } from '../history/build-records.ts';

/** The `buildRecords` area. */
export function createBuildRecordsCalls(records: BuildRecords): EngineApi['buildRecords'] {
  return {
    list: ({ limit = 200, ...question }, options) => records.list({ limit, ...question }, options),
    get: ({ id }) => records.get(id),
    log: ({ id, from = 0 }) => records.log(id, from),
    compare: ({ a, b }) => records.compare(a, b),
    remove: async ({ ids }) => {
      await records.remove(ids);
      return {};
    },
    export: async ({ id, destination }, options) => ({
      sizeBytes: await records.export(id, destination, options),
    }),
    open: ({ source }, options) => records.open(source, options),
  };
}
