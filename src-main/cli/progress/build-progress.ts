import type { BuildEvent } from '../../contract/builds-api.ts';

/** Shows a build while it runs. */
export interface BuildProgress {
  show(event: BuildEvent): void;
  /** Nothing more comes; `failed` asks for what helps to see why. Leaves the terminal as it was. */
  end(failed: boolean): void;
}
