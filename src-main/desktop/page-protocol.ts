import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { protocol } from 'electron';
import { PAGE_CONTENT_TYPES, PAGE_HEADERS } from '../contract/page-policy.ts';
import { PAGE_ORIGIN, PAGE_SCHEME } from './page-address.ts';

/** To be called before Electron is ready. */
export function registerPageScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme: PAGE_SCHEME, privileges }]);
}

/** Serves the built page's files, and nothing outside their folder, with the page's policy. */
export function servePage(folder: string): void {
  protocol.handle(PAGE_SCHEME, async ({ url, method }) => {
    const path = pagePath(folder, url);
    const contentType = path === undefined ? undefined : PAGE_CONTENT_TYPES[extname(path)];
    if (method !== 'GET' || path === undefined || contentType === undefined) return refuse(404);
    // Electron's fs reads from the asar as well, which fetch of a file: URL does only in part.
    const body = await readFile(path).catch(() => undefined);
    if (body === undefined) return refuse(404);
    return new Response(new Uint8Array(body), { headers: { ...PAGE_HEADERS, 'Content-Type': contentType } });
  });
}

/** The file that an address of the page names, or undefined when it lies outside. */
export function pagePath(folder: string, address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || `${url.protocol}//${url.host}` !== PAGE_ORIGIN) return undefined;
  const path = resolve(join(folder, decode(url.pathname)));
  return path.startsWith(resolve(folder) + sep) && !path.includes('\0') ? path : undefined;
}

/** A path that is no valid percent-encoding names nothing. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return '/';
    throw error;
  }
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: PAGE_HEADERS });
}
