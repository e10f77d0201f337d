/** By how many rows a key moves the choice in a list that shows so many whole ones; undefined for any other key. */
export function rowMove(key: string, rowsInSight: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return 1;
    case 'ArrowUp':
      return -1;
    case 'Home':
      return -Infinity;
    case 'End':
      return Infinity;
    case 'PageDown':
      return rowsInSight;
    case 'PageUp':
      return -rowsInSight;
    default:
      return undefined;
  }
}
