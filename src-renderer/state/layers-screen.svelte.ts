import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { FileRow } from '../../src-main/contract/files-api.ts';
import type { HistoryRow, ImageDetail, LayerRow } from '../../src-main/contract/images-api.ts';
import type { TransferProgress } from '../../src-main/contract/oci-types.ts';
import { toFailure, type Failure } from './failure.ts';
import { FilePreview } from './file-preview.svelte.ts';
import { FileTree } from './file-tree.svelte.ts';
import { Latest } from './latest.ts';

export type FilesOf = 'layer' | 'image';

/** What the core sample draws, from the top: a layer, or a step that only changed the config. */
export type CoreEntry =
  | { readonly kind: 'layer'; readonly layer: LayerRow; readonly createdBy: string }
  | { readonly kind: 'metadata'; readonly step: HistoryRow };

interface SearchResult {
  readonly rows: readonly FileRow[];
  readonly truncated: boolean;
}

const MOST_FOUND = 5_000;
const SEARCH_AFTER_MS = 200;

/** The Layers screen: one image, its layers, the files of the chosen layer or of all, and the chosen file. */
export class LayersScreen {
  ref = $state<string>();
  detail = $state.raw<ImageDetail>();
  layers = $state.raw<readonly LayerRow[]>([]);
  failure = $state.raw<Failure>();
  loading = $state(false);
  progress = $state.raw<TransferProgress>();
  selected = $state<number>();
  filesOf = $state<FilesOf>('layer');
  tree = $state.raw<FileTree>();
  preview = $state.raw<FilePreview>();
  query = $state('');
  found = $state.raw<SearchResult>();
  searching = $state(false);
  readonly core: readonly CoreEntry[] = $derived(coreEntries(this.detail?.history ?? [], this.layers));
  readonly layer: LayerRow | undefined = $derived(this.layers[this.selected ?? -1]);
  readonly wastedBytes: number = $derived(this.layers.reduce((sum, layer) => sum + layer.wastedBytes, 0));
  readonly #engine: EngineApi;
  readonly #open = new Latest();
  readonly #search = new Latest();
  #searchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  /** Bytes of all layers when unpacked, or as stored where that is not known. */
  get totalBytes(): number {
    return this.layers.reduce((sum, layer) => sum + (layer.unpackedBytes ?? layer.sizeBytes), 0);
  }

  /** How much of what the layers hold is still there in the image, from 0 to 1. */
  get efficiency(): number {
    return this.totalBytes === 0 ? 1 : Math.max(0, 1 - this.wastedBytes / this.totalBytes);
  }

  /** Shows an image; its top layer is chosen. */
  async open(ref: string): Promise<void> {
    const signal = this.#open.next();
    this.#clear(ref);
    try {
      const [detail, layers] = await Promise.all([
        this.#engine.images.inspect({ ref }, { signal }),
        this.#engine.images.layers(
          { ref },
          { signal, onProgress: (progress) => (this.progress = signal.aborted ? this.progress : progress) },
        ),
      ]);
      if (signal.aborted) return;
      this.detail = detail;
      this.layers = layers;
      this.select(layers.length === 0 ? undefined : layers.length - 1);
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  select(position: number | undefined): void {
    if (position === this.selected && this.tree !== undefined) return;
    this.selected = position;
    if (this.filesOf === 'layer' || this.tree === undefined) this.#openTree();
  }

  showFilesOf(which: FilesOf): void {
    if (which === this.filesOf) return;
    this.filesOf = which;
    this.#openTree();
  }

  setQuery(query: string): void {
    this.query = query;
    clearTimeout(this.#searchTimer);
    if (query.trim() === '') {
      this.#search.stop();
      this.found = undefined;
      this.searching = false;
    } else {
      this.#searchTimer = setTimeout(() => void this.#find(query.trim()), SEARCH_AFTER_MS);
    }
  }

  /** Shows a file's content; anything else only its row. */
  showFile(file: FileRow): void {
    if (this.preview?.file === file) return;
    this.preview?.close();
    const where = { ...this.#where(), path: file.path };
    this.preview = new FilePreview(file, (offset, length, signal) =>
      this.#engine.files.read({ ...where, offset, length }, { signal }),
    );
    const hasContent = file.type === 'file' || file.type === 'hardlink' || file.type === 'symlink';
    if (hasContent && file.change !== 'removed') void this.preview.open();
  }

  #clear(ref: string): void {
    this.ref = ref;
    this.loading = true;
    this.failure = undefined;
    this.progress = undefined;
    this.detail = undefined;
    this.layers = [];
    this.selected = undefined;
    this.#closeTree();
  }

  #closeTree(): void {
    this.tree?.close();
    this.preview?.close();
    this.tree = undefined;
    this.preview = undefined;
    this.found = undefined;
  }

  #where(): { readonly ref: string; readonly layer?: number } {
    const ref = this.detail?.digest ?? this.ref ?? '';
    return this.filesOf === 'layer' && this.selected !== undefined ? { ref, layer: this.selected } : { ref };
  }

  #openTree(): void {
    this.#closeTree();
    const where = this.#where();
    this.tree = new FileTree((path, offset, limit, signal) =>
      this.#engine.files.children({ ...where, path, offset, limit }, { signal }),
    );
    if (this.query.trim() !== '') void this.#find(this.query.trim());
  }

  async #find(query: string): Promise<void> {
    const signal = this.#search.next();
    this.searching = true;
    try {
      const found = await this.#engine.files.search(
        { ...this.#where(), query, limit: MOST_FOUND },
        { signal },
      );
      if (!signal.aborted) this.found = found;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      if (!signal.aborted) this.searching = false;
    }
  }
}

/** History and layers in one column, newest first. Layers that no history names are shown all the same. */
function coreEntries(history: readonly HistoryRow[], layers: readonly LayerRow[]): readonly CoreEntry[] {
  const named = new Set(history.flatMap((step) => (step.layer === undefined ? [] : [step.layer])));
  const entries: CoreEntry[] = layers
    .filter((layer) => !named.has(layer.position))
    .map((layer) => ({ kind: 'layer', layer, createdBy: layer.createdBy ?? '' }));
  for (const step of history) {
    const layer = step.layer === undefined ? undefined : layers[step.layer];
    if (layer !== undefined) entries.push({ kind: 'layer', layer, createdBy: step.createdBy });
    else entries.push({ kind: 'metadata', step });
  }
  return entries.reverse();
}
