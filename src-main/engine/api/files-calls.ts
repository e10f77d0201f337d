import type { EngineApi } from '../../contract/engine-api.ts';
import { compareImages, listChildren, readImageFile, searchFiles } from '../image/files-view.ts';
import type { Store } from '../store/store.ts';

/** The `files` area on a store. */
export function createFilesCalls(store: Store): EngineApi['files'] {
  return {
    children: (params, options = {}) => listChildren(store, params, options),
    search: (params, options = {}) => searchFiles(store, params, options),
    read: (params, options = {}) => readImageFile(store, params, options),
    compare: (params, options = {}) => compareImages(store, params, options),
  };
}
