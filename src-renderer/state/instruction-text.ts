/** A history entry's `created_by` as the instruction that a person wrote: builders' wrappings are left off. */
export function instructionText(createdBy: string): string {
  const text = createdBy.replace(/\s*# buildkit$/, '').trim();
  const classic = /^\/bin\/sh -c #\(nop\)\s*(.*)$/s.exec(text);
  if (classic !== null) return (classic[1] ?? '').trim();
  if (text.startsWith('/bin/sh -c ')) return `RUN ${text.slice('/bin/sh -c '.length)}`;
  return text.replace(/^RUN (?:\|\d+ .*?)?\/bin\/sh -c /s, 'RUN ');
}
