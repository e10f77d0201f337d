/** What an element says, with white space as a person sees it. */
export function textOf(element: Element): string {
  return element.textContent.replace(/\s+/g, ' ').trim();
}
