const isMac = navigator.platform.startsWith('Mac');

/** The main modifier: Cmd on macOS, Ctrl elsewhere. */
export function hasMainModifier(event: KeyboardEvent | MouseEvent): boolean {
  return (isMac ? event.metaKey : event.ctrlKey) && !event.altKey;
}

/** How a key with the main modifier is written here: `⌘B` or `Ctrl B`. */
export function keyLabel(key: string): string {
  return isMac ? `⌘${key}` : `Ctrl ${key}`;
}

/** True where the key is the main modifier itself. */
export function isMainModifier(event: KeyboardEvent): boolean {
  return event.key === (isMac ? 'Meta' : 'Control');
}

const SIGNS: Readonly<Record<string, string>> = isMac
  ? { Mod: '⌘', Cmd: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧' }
  : { Mod: 'Ctrl' };

/** How a combination such as `Mod-Shift-m` is written here: `⌘⇧M` or `Ctrl Shift M`. */
export function keysLabel({ keys = '', macKeys = keys }: { keys?: string; macKeys?: string }): string {
  const parts = (isMac ? macKeys : keys).split('-').map((part) => SIGNS[part] ?? capital(part));
  return parts.join(isMac ? '' : ' ');
}

function capital(part: string): string {
  return part.length === 1 ? part.toUpperCase() : part;
}

/** True where typing goes into text, so that plain keys and undo belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select') !== null
  );
}
