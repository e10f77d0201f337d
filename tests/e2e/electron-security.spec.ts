import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { dropFolder } from './support/drop-folder.ts';
import { launchVarve } from './support/launch.ts';
import type { VarveWindow } from './support/launch.ts';

// Electron's own security checklist (electronjs.org/docs/latest/tutorial/security), item by item.
let varve: VarveWindow;
test.beforeAll(async () => {
  varve = await launchVarve();
});
test.afterAll(() => varve.close());

test('the page is local content from the application’s own scheme', async () => {
  expect(varve.page.url()).toMatch(/^app:\/\/varve\/index\.html/);
  expect(await varve.page.evaluate(() => isSecureContext)).toBe(true);
});

test('the page has no Node, is isolated and sandboxed, and keeps web security', async () => {
  const globals = await varve.page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'ipcRenderer'].filter((name) => name in globalThis),
  );
  expect(globals).toEqual([]);
  const preferences = await varve.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    return contents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
  });
  expect(preferences.nodeIntegrationInWorker ?? false).toBe(false);
  expect(preferences.enableBlinkFeatures ?? '').toBe('');
});

test('only DesktopApi reaches the page', async () => {
  const keys = await varve.page.evaluate(() =>
    Object.keys((globalThis as unknown as { varveDesktop: object }).varveDesktop),
  );
  expect(keys.sort()).toEqual(
    [
      'chooseArchive',
      'chooseBuildFile',
      'chooseCertificate',
      'chooseFolder',
      'chooseSaveFile',
      'host',
      'onCommand',
      'openExternal',
      'pathOfDropped',
      'showProgress',
      'tellOfBuild',
    ].sort(),
  );
});

test('the content security policy allows scripts from the page only, with Trusted Types', async () => {
  const policy = await varve.page.evaluate(async () =>
    (await fetch(location.href)).headers.get('content-security-policy'),
  );
  const directives = policy?.split('; ') ?? [];
  expect(directives).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types svelte-trusted-html',
    ]),
  );
  expect(policy).not.toContain('unsafe-eval');
});

test('an inline script, markup from a string and a foreign address are refused', async () => {
  const seen = await varve.page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      violations.push(event.effectiveDirective),
    );
    const script = document.createElement('script');
    let assigned = 'allowed';
    try {
      script.text = 'window.ran = true';
    } catch {
      assigned = 'refused';
    }
    try {
      document.createElement('div').innerHTML = '<img src=x onerror="window.ran = true">';
    } catch {
      assigned += ', refused';
    }
    const fetched = await fetch('https://example.com/').then(
      () => 'allowed',
      () => 'refused',
    );
    await new Promise((done) => setTimeout(done, 0));
    return { assigned, fetched, ran: 'ran' in globalThis, violated: [...new Set(violations)].sort() };
  });
  expect(seen).toEqual({
    assigned: 'refused, refused',
    fetched: 'refused',
    ran: false,
    violated: ['connect-src', 'require-trusted-types-for'],
  });
});

test('the page itself violates no rule of its policy while it starts', async () => {
  const fresh = await launchVarve();
  try {
    await expect(fresh.page.getByRole('link', { name: 'Build', exact: true })).toBeVisible();
    await fresh.page.reload();
    await expect(fresh.page.getByRole('link', { name: 'Build', exact: true })).toBeVisible();
    expect(fresh.complaints).toEqual([]);
  } finally {
    await fresh.close();
  }
});

test('permissions are denied, except to write text to the clipboard', async () => {
  const states = await varve.page.evaluate(async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'clipboard-read',
      'midi',
    ] as PermissionName[];
    const all = await Promise.all(
      names.map(async (name) => (await navigator.permissions.query({ name })).state),
    );
    return [...new Set(all)];
  });
  expect(states).toEqual(['denied']);
  const camera = await varve.page.evaluate(() =>
    navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'allowed',
      (error: Error) => error.name,
    ),
  );
  expect(camera).not.toBe('allowed');
});

test('navigation away from the page is refused', async () => {
  const server = createServer((_request, response) => response.end('elsewhere')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    for (const target of [`http://127.0.0.1:${String(port)}/`, 'file:///etc/passwd', 'data:text/html,x']) {
      await varve.page.evaluate((address) => {
        const link = document.createElement('a');
        link.href = address;
        document.body.append(link);
        link.click();
        link.remove();
      }, target);
      await varve.page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      expect(varve.page.url()).toMatch(/^app:\/\/varve\//);
    }
  } finally {
    server.close();
  }
});

test('new windows are refused', async () => {
  const opened = await varve.page.evaluate(() => window.open('https://example.com/') === null);
  expect(opened).toBe(true);
  expect(varve.app.windows()).toHaveLength(1);
});

test('a web view cannot be attached', async () => {
  const attached = await varve.page.evaluate(async () => {
    const view = document.createElement('webview');
    view.setAttribute('src', 'https://example.com/');
    document.body.append(view);
    await new Promise((done) => requestAnimationFrame(done));
    const isElement = 'getWebContentsId' in view;
    view.remove();
    return isElement;
  });
  expect(attached).toBe(false);
  expect(await varve.app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1);
});

test('only https addresses are opened outside', async () => {
  await varve.app.evaluate(({ shell }) => {
    const opened: string[] = [];
    (globalThis as unknown as { opened: string[] }).opened = opened;
    shell.openExternal = (url) => Promise.resolve(void opened.push(url));
  });
  const outcomes = await varve.page.evaluate(async () => {
    const { varveDesktop } = globalThis as unknown as {
      varveDesktop: { openExternal(url: string): Promise<void> };
    };
    const addresses = [
      'https://example.com/a',
      'http://example.com/',
      'file:///etc/passwd',
      'https://u:p@example.com/',
      'smb://x',
    ];
    const open = (url: string): Promise<string> =>
      varveDesktop.openExternal(url).then(
        () => 'opened',
        () => 'refused',
      );
    return Promise.all(addresses.map(open));
  });
  expect(outcomes).toEqual(['opened', 'refused', 'refused', 'refused', 'refused']);
  const opened = await varve.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
  expect(opened).toEqual(['https://example.com/a']);
});

test('another sender than the page gets no answer from the main process', async () => {
  const answer = await varve.app.evaluate(async ({ BrowserWindow, session }) => {
    const preload = session.defaultSession.getPreloadScripts();
    const stranger = new BrowserWindow({
      show: false,
      webPreferences: { nodeIntegration: true, contextIsolation: false, sandbox: false },
    });
    try {
      await stranger.loadURL('data:text/html,stranger');
      const ask = `require('electron').ipcRenderer.invoke('varve:choose-folder').then(() => 'answered', () => 'refused')`;
      return {
        preload: preload.length,
        answer: (await stranger.webContents.executeJavaScript(ask)) as string,
      };
    } finally {
      stranger.destroy();
    }
  });
  expect(answer).toEqual({ preload: 0, answer: 'refused' });
});

test('the page’s scheme serves nothing outside its folder', async () => {
  const statuses = await varve.page.evaluate(async () => {
    const paths = [
      '/../main/window.cjs',
      '/%2e%2e/main/window.cjs',
      '/..%2fmain%2fwindow.cjs',
      '/%00',
      '/etc/passwd',
      '/%E0%A4%A',
    ];
    return Promise.all(paths.map(async (path) => (await fetch(`app://varve${path}`)).status));
  });
  expect(new Set(statuses)).toEqual(new Set([404]));
});

test('a dropped folder reaches the page with its real path and is checked again outside it', async () => {
  await varve.page.evaluate(() => {
    const seen = globalThis as unknown as {
      droppedPath?: string;
      varveDesktop: { pathOfDropped(file: File): string };
    };
    const note = (event: DragEvent): void => {
      const file = event.dataTransfer?.files[0];
      if (file) seen.droppedPath = seen.varveDesktop.pathOfDropped(file);
    };
    document.addEventListener('drop', note, { capture: true, once: true });
  });
  await dropFolder(varve.page, varve.root);
  await expect
    .poll(() => varve.page.evaluate(() => (globalThis as unknown as { droppedPath?: string }).droppedPath))
    .toBe(varve.root);
});

test('packages are built with the fuses set', async () => {
  const text = await readFile('electron-builder.config.cjs', 'utf8');
  for (const fuse of [
    'EnableNodeOptionsEnvironmentVariable]: false',
    'OnlyLoadAppFromAsar]: true',
    'EnableCookieEncryption]: true',
    'GrantFileProtocolExtraPrivileges]: false',
  ]) {
    expect(text).toContain(fuse);
  }
});
