import type { DockerfileDocument } from '../../state/dockerfile-document.svelte.ts';

/** What the editor is about, and what it needs of the window around it. */
export interface EditorHost {
  readonly document: DockerfileDocument;
  readonly openLink: (url: string) => void;
}
