import type { Attachment } from 'svelte/attachments';

/** Moves the focus among the elements that match by the arrow keys, Home and End; the tab key stops at one of them. */
export function arrowFocus(selector: string): Attachment<HTMLElement> {
  return (list) => {
    const onkeydown = (event: KeyboardEvent): void => move(list, selector, event);
    const onfocusin = (event: FocusEvent): void => stopAt(list, selector, event.target);
    list.addEventListener('keydown', onkeydown);
    list.addEventListener('focusin', onfocusin);
    return () => {
      list.removeEventListener('keydown', onkeydown);
      list.removeEventListener('focusin', onfocusin);
    };
  };
}

function move(list: HTMLElement, selector: string, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const all = elements(list, selector);
  const at = all.findIndex((element) => element.contains(document.activeElement));
  const next = nextIndex(event.key, at, all.length);
  if (next === undefined) return;
  event.preventDefault();
  all[next]?.focus();
}

function nextIndex(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, at + 1);
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

function stopAt(list: HTMLElement, selector: string, target: EventTarget | null): void {
  const all = elements(list, selector);
  const here = all.find((element) => target instanceof Node && element.contains(target));
  if (here === undefined) return;
  for (const element of all) element.tabIndex = element === here ? 0 : -1;
}

function elements(list: HTMLElement, selector: string): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(selector)];
}
