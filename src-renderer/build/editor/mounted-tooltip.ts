import type { TooltipView } from '@codemirror/view';
import { mount, unmount, type Component } from 'svelte';

/** A component as what a tooltip shows; it goes when the tooltip does. */
export function mountedTooltip<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
): TooltipView {
  const dom = document.createElement('div');
  const shown = mount(component, { target: dom, props });
  return { dom, destroy: () => void unmount(shown) };
}
