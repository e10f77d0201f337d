import { EditorView } from '@codemirror/view';
import { render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import type { Diagnostic } from '../../../src-main/contract/builds-api.ts';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import Editor from '../../../src-renderer/build/editor/editor.svelte';
import type { AnsweredForecast } from '../../../src-renderer/state/build-forecast.svelte.ts';
import { DockerfileDocument } from '../../../src-renderer/state/dockerfile-document.svelte.ts';
import type { EditorPort } from '../../../src-renderer/state/editor-port.ts';
import { fakeEngine } from './fake-engine.ts';
import { standInForLayout } from './stand-in-for-layout.ts';

interface Given {
  readonly text: string;
  readonly diagnostics?: Diagnostic[];
  readonly dockerfiles?: Partial<EngineApi['dockerfiles']>;
  readonly forecast?: AnsweredForecast;
  readonly openLink?: (url: string) => void;
}

/** The editor alone, on a Dockerfile that the engine has looked at. */
export async function openEditor({ text, diagnostics = [], dockerfiles = {}, forecast, openLink }: Given) {
  standInForLayout();
  const engine = fakeEngine({
    dockerfiles: {
      structure: () => Promise.resolve({ outline: [], folds: [], tokens: [] }),
      hover: () => Promise.resolve(null),
      symbol: () => Promise.resolve(null),
      ...dockerfiles,
    },
    builds: { check: () => Promise.resolve({ diagnostics, stages: [], buildArgs: [] }) },
    contexts: {
      readDockerfile: () => Promise.resolve({ text, file: '/p/Dockerfile', modifiedAt: '1' }),
    },
  });
  const document = new DockerfileDocument(engine.api, '/p', 'Dockerfile');
  await document.load();
  let port: EditorPort | undefined;
  const { container } = render(Editor, {
    document,
    forecast,
    openLink: openLink ?? (() => undefined),
    attach(editor: EditorPort) {
      port = editor;
      return () => undefined;
    },
  });
  flushSync();
  const view = EditorView.findFromDOM(container);
  if (view === null || port === undefined) throw new Error('the editor did not come up');
  return { document, view, port };
}

/** Where a piece of the text begins, for a cursor. */
export function before(view: EditorView, piece: string): number {
  return view.state.doc.toString().indexOf(piece);
}
