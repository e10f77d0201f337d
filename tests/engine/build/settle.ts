/** Waits until a file's last change is clearly older than now, as the racy rule asks for. */
export async function settle(): Promise<void> {
  const end = Date.now() + 150;
  while (Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
}
