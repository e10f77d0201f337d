/** Tells events to whoever listens, in the order of listening. A listener must not throw. */
export interface Emitter<Events> {
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
  /** Listens until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
}

export function createEmitter<Events>(): Emitter<Events> {
  const listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {};
  return {
    emit: (name, event) => {
      for (const listener of listeners[name] ?? []) listener(event);
    },
    on: (name, listener) => {
      const known = (listeners[name] ??= new Set());
      known.add(listener);
      return () => void known.delete(listener);
    },
  };
}
