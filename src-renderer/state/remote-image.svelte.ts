import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { isEngineError } from '../../src-main/contract/errors.ts';
import type { Platform, TransferProgress } from '../../src-main/contract/oci-types.ts';
import type { RemoteImage, RemoteLayer } from '../../src-main/contract/remote-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { FileTree } from './file-tree.svelte.ts';
import { Latest } from './latest.ts';

/** The files of a larger layer are read only when they are asked for: that may take a transfer of this size. */
const ASK_ABOVE_BYTES = 32_000_000;

/** An image at a registry: its configuration, its layers, and the files of the chosen one. */
export class RemoteImageView {
  readonly ref: string;
  image = $state.raw<RemoteImage>();
  failure = $state.raw<Failure>();
  isLoading = $state(false);
  selected = $state<number>();
  tree = $state.raw<FileTree>();
  /** Where the files of the chosen layer come from, once they are there. */
  source = $state.raw<{ readonly isProved: boolean; readonly fetchedBytes: number }>();
  filesFailure = $state.raw<Failure>();
  isReading = $state(false);
  progress = $state.raw<TransferProgress>();
  readonly layer: RemoteLayer | undefined = $derived(this.image?.layers[this.selected ?? -1]);
  readonly #engine: EngineApi;
  readonly #load = new Latest();
  readonly #files = new Latest();

  constructor(engine: EngineApi, ref: string) {
    this.#engine = engine;
    this.ref = ref;
  }

  /** Reads what the reference names, for one platform of an index. */
  async load(platform?: Platform): Promise<void> {
    const signal = this.#load.next();
    this.isLoading = true;
    this.failure = undefined;
    try {
      const params = { ref: this.ref, ...(platform === undefined ? {} : { platform }) };
      const image = await this.#engine.registries.remoteImage(params, { signal });
      if (signal.aborted) return;
      this.image = image;
      this.#forgetFiles();
      this.selected = undefined;
      if (image.layers.length > 0) this.select(image.layers.length - 1);
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      if (!signal.aborted) this.isLoading = false;
    }
  }

  /** Chooses a layer. Its files come at once when they are kept or the layer is small. */
  select(position: number): void {
    if (position === this.selected) return;
    this.selected = position;
    this.#forgetFiles();
    const isSmall = (this.layer?.sizeBytes ?? 0) <= ASK_ABOVE_BYTES;
    void this.readFiles(isSmall ? undefined : 0);
  }

  /** Reads the files of the chosen layer, transferring at most so many bytes. */
  async readFiles(maxBytes?: number): Promise<void> {
    const { layer } = this;
    if (layer === undefined) return;
    const signal = this.#files.next();
    this.filesFailure = undefined;
    this.isReading = true;
    this.progress = undefined;
    const where = { ref: this.ref, layer: layer.digest, ...(maxBytes === undefined ? {} : { maxBytes }) };
    const onProgress = (progress: TransferProgress): void => {
      if (!signal.aborted) this.progress = progress;
    };
    try {
      const { isProved, fetchedBytes } = await this.#engine.registries.layerFiles(
        { ...where, path: '/', offset: 0, limit: 1 },
        { signal, onProgress },
      );
      if (signal.aborted) return;
      this.source = { isProved, fetchedBytes };
      this.tree = this.#openTree(layer);
    } catch (error) {
      const isOnlyLarge = maxBytes === 0 && isEngineError(error, 'LIMIT_EXCEEDED');
      if (!signal.aborted && !isOnlyLarge) this.filesFailure = toFailure(error);
    } finally {
      if (!signal.aborted) this.isReading = false;
    }
  }

  stopReading(): void {
    this.#files.stop();
    this.isReading = false;
  }

  close(): void {
    this.#load.stop();
    this.#forgetFiles();
  }

  #openTree({ digest }: RemoteLayer): FileTree {
    const where = { ref: this.ref, layer: digest };
    return new FileTree((path, offset, limit, signal) =>
      this.#engine.registries.layerFiles({ ...where, path, offset, limit }, { signal }),
    );
  }

  #forgetFiles(): void {
    this.#files.stop();
    this.tree?.close();
    this.tree = undefined;
    this.source = undefined;
    this.filesFailure = undefined;
    this.isReading = false;
  }
}
