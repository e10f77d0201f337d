import type { Namespace } from './open-namespace.ts';
import { runTool } from './run-tool.ts';
import type { TerminalSize } from './sandbox.ts';

/**
 * Sets the size of a terminal and of the one inside, which belongs to what the runtime in the outer one has started:
 * not every runtime passes a size on.
 */
const RESIZE = `
device=$1; shift
stty -F "$device" "$@"
for process in /proc/[0-9]*; do
  [ "$(readlink "$process/fd/0")" = "$device" ] || continue
  for inside in $(cat "$process"/task/*/children); do stty -F "/proc/$inside/fd/0" "$@"; done
done`;

/** Gives the terminal of a command another size. One that ends at this very moment needs none. */
export async function resizeTerminal(
  namespace: Namespace,
  device: string,
  { columns, rows }: TerminalSize,
): Promise<void> {
  const args = ['sh', '-c', RESIZE, 'resize', device, 'rows', String(rows), 'cols', String(columns)];
  await runTool(namespace, args, { what: 'resize a terminal' }).catch(() => undefined);
}
