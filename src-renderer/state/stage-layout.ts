import type { RecordedStage } from '../../src-main/contract/build-records-api.ts';

export const NODE = { width: 176, height: 46 } as const;
const GAP = { x: 64, y: 14 } as const;
/** A place through which an edge passes a column. */
const PASS_HEIGHT = 14;

export interface PlacedStage {
  readonly stage: RecordedStage;
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly by: RecordedStage['needs'][number]['by'];
  /** As SVG draws it. */
  readonly path: string;
  readonly isNeeded: boolean;
}

export interface StageLayout {
  readonly stages: readonly PlacedStage[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** A stage, or the place where an edge passes a column that lies between its ends. */
interface Slot {
  readonly key: string;
  readonly column: number;
  readonly height: number;
  readonly before: string[];
  y: number;
}

/**
 * Stages from left to right: each right of all that it needs, beside what it needs most, edges through places of
 * their own. For the tens of stages that a Dockerfile has.
 */
export function layOutStages(stages: readonly RecordedStage[]): StageLayout {
  const columns = columnsOf(stages);
  const slots = new Map<string, Slot>();
  for (const { index } of stages) addSlot(slots, stageKey(index), columns.get(index) ?? 0, NODE.height);
  const routes = stages.flatMap((stage) => stage.needs.map((need) => route(slots, columns, stage, need)));
  const height = placeRows([...slots.values()]);
  const last = Math.max(0, ...columns.values());
  return {
    stages: stages.map((stage) => {
      const slot = slots.get(stageKey(stage.index)) as Slot;
      return { stage, x: xOf(slot.column), y: slot.y };
    }),
    edges: routes.map(({ stage, need, keys }) => ({
      key: `${need.stage}-${stage.index}-${need.by}`,
      from: need.stage,
      to: stage.index,
      by: need.by,
      path: pathOf(keys.map((key) => slots.get(key) as Slot)),
      isNeeded: stage.isNeeded,
    })),
    width: xOf(last) + NODE.width,
    height,
  };
}

function stageKey(index: number): string {
  return `stage ${index}`;
}

function xOf(column: number): number {
  return column * (NODE.width + GAP.x);
}

/** The longest way to a stage decides its column; stages that need each other were never built, and count once. */
function columnsOf(stages: readonly RecordedStage[]): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  const visit = (index: number, path: readonly number[]): number => {
    const known = columns.get(index);
    if (known !== undefined || path.includes(index)) return known ?? 0;
    const needs = stages.find((stage) => stage.index === index)?.needs ?? [];
    const column = Math.max(-1, ...needs.map((need) => visit(need.stage, [...path, index]))) + 1;
    columns.set(index, column);
    return column;
  };
  for (const { index } of stages) visit(index, []);
  return columns;
}

function addSlot(slots: Map<string, Slot>, key: string, column: number, height: number): void {
  if (!slots.has(key)) slots.set(key, { key, column, height, before: [], y: 0 });
}

function route(
  slots: Map<string, Slot>,
  columns: ReadonlyMap<number, number>,
  stage: RecordedStage,
  need: RecordedStage['needs'][number],
): { stage: RecordedStage; need: RecordedStage['needs'][number]; keys: readonly string[] } {
  const [first, last] = [columns.get(need.stage) ?? 0, columns.get(stage.index) ?? 0];
  const passes = Array.from({ length: Math.max(0, last - first - 1) }, (_, at) => first + 1 + at);
  // All that need one stage share its way as far as it goes.
  const keys = [
    stageKey(need.stage),
    ...passes.map((column) => `pass ${need.stage} ${column}`),
    stageKey(stage.index),
  ];
  passes.forEach((column, at) => addSlot(slots, keys[at + 1] ?? '', column, PASS_HEIGHT));
  keys.slice(1).forEach((key, at) => slots.get(key)?.before.push(keys[at] ?? ''));
  return { stage, need, keys };
}

/** Column by column: ordered by where they come from, stacked, and centred on the tallest. Answers the height. */
function placeRows(slots: readonly Slot[]): number {
  const byKey = new Map(slots.map((slot) => [slot.key, slot]));
  const columns = Map.groupBy(slots, ({ column }) => column);
  const heightOf = (column: readonly Slot[]): number =>
    column.reduce((sum, slot) => sum + slot.height + GAP.y, -GAP.y);
  const tallest = Math.max(0, ...[...columns.values()].map(heightOf));
  for (const at of [...columns.keys()].sort((a, b) => a - b)) {
    const column = columns.get(at) ?? [];
    const wish = new Map(column.map((slot) => [slot, meanOf(slot.before, byKey)]));
    const sorted = column.toSorted((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
    let y = (tallest - heightOf(column)) / 2;
    for (const slot of sorted) {
      slot.y = y;
      y += slot.height + GAP.y;
    }
  }
  return tallest;
}

function meanOf(keys: readonly string[], slots: ReadonlyMap<string, Slot>): number {
  const centres = keys.flatMap((key) => slots.get(key) ?? []).map(centreOf);
  return centres.length === 0 ? 0 : centres.reduce((sum, y) => sum + y, 0) / centres.length;
}

function centreOf({ y, height }: Slot): number {
  return y + height / 2;
}

function pathOf(slots: readonly Slot[]): string {
  const [first, ...others] = slots;
  if (first === undefined) return '';
  let path = `M ${xOf(first.column) + NODE.width} ${centreOf(first)}`;
  for (const slot of others) {
    const [x, y] = [xOf(slot.column), centreOf(slot)];
    const before = slots[slots.indexOf(slot) - 1] as Slot;
    const from = { x: x - GAP.x, y: centreOf(before) };
    const middle = x - GAP.x / 2;
    path += ` C ${middle} ${from.y} ${middle} ${y} ${x} ${y}`;
    if (slot.height === PASS_HEIGHT) path += ` L ${x + NODE.width} ${y}`;
  }
  return path;
}
