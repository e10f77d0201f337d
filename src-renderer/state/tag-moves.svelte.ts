import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { TagEvent } from '../../src-main/contract/images-api.ts';
import { toFailure } from './failure.ts';
import type { Toasts } from '../ui/toasts.svelte.ts';

interface Move {
  readonly message: string;
  readonly events: readonly TagEvent[];
  /** The toast that offers to undo it. */
  readonly toast: number;
}

/**
 * Every move of a tag that is made in this window. Each is told in a toast that can undo it, and the newest one that
 * is not undone yet can be undone from the keyboard.
 */
export class TagMoves {
  #moves = $state.raw<readonly Move[]>([]);
  readonly canUndo: boolean = $derived(this.#moves.length > 0);
  readonly #engine: EngineApi;
  readonly #toasts: Toasts;

  constructor(engine: EngineApi, toasts: Toasts) {
    this.#engine = engine;
    this.#toasts = toasts;
  }

  /** Rejects with the engine's error, for the dialog that asked. */
  async tag(source: string, target: string): Promise<void> {
    const event = await this.#engine.images.tag({ source, target });
    const moved = event.from !== undefined && event.from !== event.to;
    this.#made(moved ? `Moved ${event.name}` : `Tagged ${event.name}`, [event]);
  }

  /** Rejects with the engine's error, for the field that asked. */
  async rename(source: string, target: string): Promise<void> {
    const events = await this.#engine.images.rename({ source, target });
    this.#made(`Renamed ${source} to ${target}`, events);
  }

  async untag(name: string): Promise<void> {
    try {
      const event = await this.#engine.images.untag({ name });
      this.#made(`Removed the tag ${event.name}`, [event]);
    } catch (error) {
      this.#toasts.error(toFailure(error));
    }
  }

  /** Reverts exactly this recorded move. */
  async revert(event: TagEvent): Promise<void> {
    try {
      await this.#engine.images.undo({ name: event.name, event: event.id });
      this.#forget(event);
      this.#toasts.done(`Reverted the last move of ${event.name}`);
    } catch (error) {
      this.#toasts.error(toFailure(error));
    }
  }

  async undoLast(): Promise<void> {
    const last = this.#moves.at(-1);
    if (last !== undefined) await this.#undo(last);
  }

  #made(message: string, events: readonly TagEvent[]): void {
    const toast = this.#toasts.done(message, { action: { label: 'Undo', run: () => void this.#undo(move) } });
    const move: Move = { message, events, toast };
    this.#moves = [...this.#moves, move];
  }

  async #undo(move: Move): Promise<void> {
    if (!this.#moves.includes(move)) return;
    this.#moves = this.#moves.filter((other) => other !== move);
    this.#toasts.dismiss(move.toast);
    try {
      for (const event of move.events.toReversed()) {
        await this.#engine.images.undo({ name: event.name, event: event.id });
      }
      this.#toasts.done(`Undone: ${move.message.charAt(0).toLowerCase()}${move.message.slice(1)}`);
    } catch (error) {
      this.#toasts.error(toFailure(error));
    }
  }

  #forget(event: TagEvent): void {
    this.#moves = this.#moves.filter((move) => !move.events.some(({ id }) => id === event.id));
  }
}
