import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import type { ProveResult } from '../../../src-main/contract/builds-api.ts';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import ProveDialog from '../../../src-renderer/build/prove-dialog.svelte';
import { BuildScreen } from '../../../src-renderer/state/build-screen.svelte.ts';
import { ProveRun } from '../../../src-renderer/state/prove-run.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf } from '../support/image-row.ts';

type Prove = EngineApi['builds']['prove'];

/** Opens the dialog of a build that the engine proves like this. */
function open(prove: Prove): BuildScreen {
  const { api } = fakeEngine({ builds: { prove } });
  const build = new BuildScreen(api);
  build.proof = new ProveRun(api, { context: '/work' });
  render(ProveDialog, { screen: build });
  return build;
}

const DIFFERENT: ProveResult = {
  equal: false,
  digests: [digestOf('a'), digestOf('b')],
  difference: {
    layer: 1,
    instruction: 'RUN date > /now',
    location: { file: 'Dockerfile', line: 3, column: 1, endLine: 3, endColumn: 16 },
    path: 'now',
    field: 'content',
    before: '"10:00"',
    after: '"10:01"',
    offset: 4,
  },
};

describe('proving a build', () => {
  test('shows which of the two builds is at which step, and can be cancelled', async () => {
    let aborted = false;
    const build = open((_params, { signal, onProgress } = {}) => {
      const location = { file: 'Dockerfile', line: 2, column: 1, endLine: 2, endColumn: 9 };
      const step = {
        id: '0.1',
        stage: '0',
        position: 1,
        total: 1,
        instruction: 'RUN make',
        keyword: 'RUN',
        location,
      };
      onProgress?.({ build: 2, event: { type: 'plan', steps: [step] } });
      onProgress?.({ build: 2, event: { type: 'step-start', step: '0.1', at: '2026-01-01T00:00:00Z' } });
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          aborted = true;
          reject(new EngineError('CANCELLED', 'cancelled'));
        });
      });
    });
    expect((await screen.findByRole('status')).textContent.trim()).toBe('Second build: RUN make');
    expect(screen.getByRole('progressbar', { name: 'Building twice' }).getAttribute('aria-valuenow')).toBe(
      '50',
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect([aborted, build.proof]).toEqual([true, undefined]);
  });

  test('names the instruction, the file and the byte that differ', async () => {
    open(() => Promise.resolve(DIFFERENT));
    expect(await screen.findByText('Line 3: RUN date > /now')).toBeTruthy();
    const told = screen.getAllByRole('definition').map((each) => each.textContent.trim());
    expect(told).toEqual(['layer 2, /now: content at byte 4', '"10:00"', '"10:01"']);
    expect(screen.getByText(/With “Reproducible” switched on/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Close' })).toBeTruthy();
  });

  test('goes back through COPY to what another stage made', async () => {
    const location = { file: 'Dockerfile', line: 6, column: 1, endLine: 6, endColumn: 30 };
    const copy = { layer: 0, path: 'app/now', instruction: 'COPY --from=build /out /app', location };
    const earlier = { ...DIFFERENT.difference, layer: 0, stage: 'build', path: 'stamp', field: 'mtime' };
    const difference = {
      ...DIFFERENT.difference,
      stage: 'build',
      field: 'content',
      before: 'a',
      after: 'b',
      copies: [copy],
    };
    open(() =>
      Promise.resolve({
        ...DIFFERENT,
        difference: { ...difference, earlier: { ...earlier, before: '1', after: '2' } },
      }),
    );
    await screen.findByText('Line 3: RUN date > /now', { selector: 'p' });
    const told = screen
      .getAllByRole('definition')
      .map((each) => each.textContent.replaceAll(/\s+/g, ' ').trim());
    expect(told).toEqual([
      'layer 2 of stage build, /now: content at byte 4',
      'a',
      'b',
      'Line 6: COPY --from=build /out /app to layer 1, /app/now',
      'Line 3: RUN date > /now in layer 1 of stage build, /stamp: mtime at byte 4',
    ]);
  });

  test('says that both are the same', async () => {
    open(() => Promise.resolve({ equal: true, digests: [digestOf('a'), digestOf('a')] }));
    expect(await screen.findByText(/^Both builds gave/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Close' })).toBeTruthy();
  });

  test('says why a build failed', async () => {
    open(() => Promise.reject(new EngineError('BUILD_FAILED', 'RUN false: exit code 1')));
    expect(await screen.findByText('RUN false: exit code 1')).toBeTruthy();
  });
});
