/** True for an error of Node's with this code (`ENOENT`…). */
export function isNodeError(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
