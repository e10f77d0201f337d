import type { BuildEvent } from '../../../contract/builds-api.ts';
import { createRedaction } from '../redact-secrets.ts';
import { OutputTail } from './output-tail.ts';

type Stream = 'stdout' | 'stderr';

/** What a program of a step writes: told as text, without secrets, and its last lines kept. */
export class StepOutput {
  readonly #step: string;
  readonly #emit: (event: BuildEvent) => void;
  readonly #tail = new OutputTail();
  readonly #streams: Readonly<Record<Stream, ReturnType<typeof openStream>>>;

  constructor(step: string, secrets: Iterable<Uint8Array>, emit: (event: BuildEvent) => void) {
    this.#step = step;
    this.#emit = emit;
    const known = [...secrets];
    this.#streams = { stdout: openStream(known), stderr: openStream(known) };
  }

  add(stream: Stream, bytes: Uint8Array): void {
    const { redaction, decoder } = this.#streams[stream];
    this.#tell(stream, decoder.decode(redaction.push(bytes), { stream: true }));
  }

  /** Tells what was held back because it could have become a secret, or a character. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const { redaction, decoder } = this.#streams[stream];
      this.#tell(stream, decoder.decode(redaction.end()));
    }
  }

  lastLines(): readonly string[] {
    return this.#tail.lines().filter((line) => line !== '');
  }

  #tell(stream: Stream, text: string): void {
    if (text === '') return;
    this.#tail.add(text);
    this.#emit({ type: 'step-output', step: this.#step, stream, text });
  }
}

function openStream(secrets: readonly Uint8Array[]) {
  return { redaction: createRedaction(secrets), decoder: new TextDecoder() };
}
