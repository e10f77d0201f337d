import type { Completion } from '../../contract/dockerfiles-api.ts';

/** More than anyone reads. */
const MOST = 200;

/** How well a label answers to what is typed: 0 begins so, 1 holds it, 2 has its characters in order; 3 not at all. */
function distance(label: string, typed: string): number {
  const [text, wanted] = [label.toLowerCase(), typed.toLowerCase()];
  const at = text.indexOf(wanted);
  if (at >= 0) return at === 0 ? 0 : 1;
  let from = 0;
  for (const character of wanted) {
    from = text.indexOf(character, from) + 1;
    if (from === 0) return 3;
  }
  return 2;
}

/** The items whose label answers to what is typed, best first and otherwise in their order. */
export function byDistance<Item extends { readonly label: string }>(
  items: readonly Item[],
  typed: string,
): readonly Item[] {
  return items
    .map((item) => ({ item, distance: distance(item.label, typed) }))
    .filter((each) => each.distance < 3)
    .sort((a, b) => a.distance - b.distance)
    .map(({ item }) => item);
}

/** The best of the items for what is typed, each label of a kind once. */
export function rankCompletions(
  items: readonly Completion[],
  typed: string,
): { readonly items: Completion[]; readonly incomplete: boolean } {
  const seen = new Set<string>();
  const once = items.filter(({ kind, label }) => {
    const key = `${kind} ${label}`;
    return seen.has(key) ? false : seen.add(key);
  });
  const ranked = byDistance(once, typed);
  return { items: ranked.slice(0, MOST), incomplete: ranked.length > MOST };
}
