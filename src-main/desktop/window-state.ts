import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { screen } from 'electron';
import type { BrowserWindow, Rectangle } from 'electron';
import { z } from 'zod';

const stateSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(640),
  height: z.number().int().min(480),
  maximized: z.boolean(),
});
export type WindowState = z.output<typeof stateSchema>;

/** Where the window was when it was last closed, if that is still on a screen. */
export function readWindowState(file: string): WindowState | undefined {
  const state = stateSchema.safeParse(parseFile(file));
  return state.success && isOnScreen(state.data) ? state.data : undefined;
}

/** Notes the window's place whenever it closes. */
export function rememberWindowState(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    const state: WindowState = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(state));
  });
}

/** A missing or damaged file means no memory. */
function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isOnScreen(state: WindowState): boolean {
  return screen.getAllDisplays().some(({ workArea }) => overlaps(state, workArea));
}

function overlaps(one: Rectangle, other: Rectangle): boolean {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return width > 100 && height > 100;
}
