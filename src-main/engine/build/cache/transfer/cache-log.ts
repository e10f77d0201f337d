import type { Digest } from '../../../../contract/oci-types.ts';
import type { LayerStack } from '../../../sandbox/sandbox.ts';
import type { CacheDocument, CachedStep } from './cache-document.ts';

/** What one build took or made, for whoever exports it. */
export class CacheLog {
  private readonly steps = new Map<Digest, CachedStep>();
  private readonly created = new Map<Digest, string>();

  addStep(step: CachedStep): void {
    this.steps.set(step.key, step);
  }

  addImage(image: Digest, at: string): void {
    this.created.set(image, at);
  }

  /** All steps, or only those whose layers are in the image. */
  document(mode: 'min' | 'max', image: LayerStack): CacheDocument {
    const own = new Set(image.map(({ descriptor }) => descriptor.digest));
    const steps = [...this.steps.values()].filter(({ layer }) => mode === 'max' || own.has(layer.digest));
    return { steps, created: Array.from(this.created, ([digest, at]) => ({ image: digest, at })) };
  }
}
