const PREFIX = 'varve.';

/** A value that this window remembered, or undefined; nothing depends on its being there. */
export function recall(name: string): string | undefined {
  return localStorage.getItem(PREFIX + name) ?? undefined;
}

/** Remembers a value for this window. */
export function keep(name: string, value: string): void {
  localStorage.setItem(PREFIX + name, value);
}
