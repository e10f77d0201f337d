import type { Page } from '@playwright/test';

/**
 * Drops a folder or file on the window as the system would: the page gets a trusted event with the real path, which
 * a synthetic DataTransfer cannot carry.
 */
export async function dropFolder(page: Page, path: string, at = { x: 400, y: 300 }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  }
  await session.detach();
}
