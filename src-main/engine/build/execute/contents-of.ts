import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../../../contract/oci-types.ts';
import { reportTransfer } from '../report-transfer.ts';
import type { DigestOptions, SourceNode, SourceTree } from '../source/source-tree.ts';
import type { InstructionContext } from './instruction-context.ts';

/** The digests of the files' contents by their paths, and how far the reading for that has come. */
export async function contentsOf(
  context: InstructionContext,
  tree: SourceTree,
  nodes: readonly SourceNode[],
): Promise<ReadonlyMap<string, Digest>> {
  const contents = new Map<string, Digest>();
  const reading = new Reading(context, nodes);
  for (const node of nodes) {
    if (node.type !== 'file') continue;
    contents.set(node.path, await tree.digest(node, reading.options));
    reading.end(node.sizeBytes);
  }
  return contents;
}

/** Counts what is read of files, with nothing of its own for each: there may be hundreds of thousands. */
class Reading {
  readonly options: DigestOptions;
  private readonly report: ReturnType<typeof reportTransfer>;
  private bytes = 0;
  private bytesBefore = 0;
  private totalBytes: number;
  private told = false;

  constructor({ run, step }: InstructionContext, nodes: readonly SourceNode[]) {
    this.totalBytes = nodes.reduce((sum, node) => sum + (node.type === 'file' ? node.sizeBytes : 0), 0);
    this.options = { signal: run.signal, onRead: (bytes) => this.read(bytes) };
    this.report = reportTransfer((amounts) => {
      this.told = true;
      run.emit({ type: 'step-progress', step, what: 'reading', ...amounts });
    });
  }

  /** What is known without being read is no part of what there is to read. */
  end(sizeBytes: number): void {
    if (this.bytes === this.bytesBefore) this.totalBytes -= sizeBytes;
    this.bytesBefore = this.bytes;
  }

  /** Files are read without a turn of the event loop, which whoever draws this, or cancels, needs now and then. */
  private read(bytes: number): Promise<void> | undefined {
    this.bytes += bytes;
    this.told = false;
    if (this.bytes < this.totalBytes) this.report(this.bytes, this.totalBytes);
    return this.told ? setImmediate() : undefined;
  }
}
