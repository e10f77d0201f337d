export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'error';
  readonly message: string;
  readonly detail: string | undefined;
  readonly action: ToastAction | undefined;
  /** Called once when the toast is gone and its action was not taken. */
  readonly left: (() => void) | undefined;
}

interface ToastOptions {
  readonly detail?: string | undefined;
  readonly action?: ToastAction | undefined;
  readonly left?: (() => void) | undefined;
}

const SHOWN_MS = 8000;
const MOST_SHOWN = 4;

/** Short notes in the corner. They leave by themselves, but not while the pointer or the focus is on them. */
export class Toasts {
  shown = $state.raw<readonly Toast[]>([]);
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #nextId = 1;

  done(message: string, options: ToastOptions = {}): number {
    return this.#show('done', message, options);
  }

  error(problem: { readonly message: string; readonly hint?: string | undefined }): number {
    return this.#show('error', problem.message, { detail: problem.hint });
  }

  dismiss(id: number): void {
    this.#take(id)?.left?.();
  }

  /** Runs the toast's action once; the toast is gone then. */
  act(id: number): void {
    this.#take(id)?.action?.run();
  }

  /** Holds every toast while someone reads or reaches for one. */
  pause(): void {
    for (const id of [...this.#timers.keys()]) this.#stopTimer(id);
  }

  resume(): void {
    for (const toast of this.shown) this.#startTimer(toast.id);
  }

  #take(id: number): Toast | undefined {
    this.#stopTimer(id);
    const toast = this.shown.find((one) => one.id === id);
    this.shown = this.shown.filter((one) => one.id !== id);
    return toast;
  }

  #show(kind: Toast['kind'], message: string, { detail, action, left }: ToastOptions): number {
    const id = this.#nextId++;
    for (const old of this.shown.slice(0, Math.max(0, this.shown.length - MOST_SHOWN + 1))) {
      this.dismiss(old.id);
    }
    this.shown = [...this.shown, { id, kind, message, detail, action, left }];
    this.#startTimer(id);
    return id;
  }

  #startTimer(id: number): void {
    this.#stopTimer(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), SHOWN_MS),
    );
  }

  #stopTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}
