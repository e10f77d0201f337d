import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { PAGE_HEADERS } from '../contract/page-policy.ts';
import { hasOurHost } from './our-origin.ts';
import { listPageFiles } from './page-files.ts';
import type { PageFile } from './page-files.ts';

/** Serves the built page's files and nothing else, to requests that name this server as their host. */
export async function createPageServer(folder: string): Promise<Server> {
  const files = await listPageFiles(folder);
  return createServer((request, response) => answer(files, request, response));
}

function answer(
  files: ReadonlyMap<string, PageFile>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!hasOurHost(request)) return refuse(response, 403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const file = files.get(pathOf(request));
  if (file === undefined) return refuse(response, 404);
  response.writeHead(200, { ...PAGE_HEADERS, 'Content-Type': file.contentType, 'Cache-Control': 'no-cache' });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file.path)
      .on('error', () => response.destroy())
      .pipe(response);
}

/** The path as it was asked for; the table of files knows only plain ones, so nothing needs to be normalised. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, PAGE_HEADERS).end();
}
