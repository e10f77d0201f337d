const isMac = navigator.platform.startsWith('Mac');

/** The main modifier: Cmd on macOS, Ctrl elsewhere. */
export function hasMainModifier(event: KeyboardEvent): boolean {
  return (isMac ? event.metaKey : event.ctrlKey) && !event.altKey;
}

/** How a key with the main modifier is written here: `⌘B` or `Ctrl B`. */
export function keyLabel(key: string): string {
  return isMac ? `⌘${key}` : `Ctrl ${key}`;
}

/** True where typing goes into text, so that plain keys and undo belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select') !== null
  );
}
