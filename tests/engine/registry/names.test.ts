import { expect, test } from 'vitest';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import { endpointsOf, endpointUrl } from '../../../src-main/engine/registry/config/endpoints.ts';
import { proxyOf } from '../../../src-main/engine/registry/http/proxy-of.ts';
import type { RegistriesConfig } from '../../../src-main/engine/registry/config/registries-config.ts';

const transfers: RegistriesConfig['transfers'] = {
  parallel: 3,
  chunkMiB: 64,
  attempts: 6,
  connectSeconds: 15,
  stallSeconds: 30,
  retrySeconds: 1,
  longestWaitSeconds: 120,
};

/** The addresses that a name's tags are asked for, with `?` where https is tried first and plain http may follow. */
function addressesOf(name: string, registries: RegistriesConfig['registries'] = {}): readonly string[] {
  const { registry, repository } = parseReference(name);
  return endpointsOf(registry, { registries, transfers }).map((endpoint) => {
    const url = endpointUrl(endpoint, `${repository}/tags/list`).href;
    return endpoint.mayBePlain ? `${url}?` : url;
  });
}

test.each([
  ['python', 'https://registry-1.docker.io/v2/library/python/tags/list'],
  ['library/python', 'https://registry-1.docker.io/v2/library/python/tags/list'],
  ['index.docker.io/python:3.12', 'https://registry-1.docker.io/v2/library/python/tags/list'],
  ['docker.io/org/app', 'https://registry-1.docker.io/v2/org/app/tags/list'],
  [`ghcr.io/org/app:tag@sha256:${'a'.repeat(64)}`, 'https://ghcr.io/v2/org/app/tags/list'],
  ['localhost:5000/x', 'https://localhost:5000/v2/x/tags/list?'],
  ['127.0.0.1:5000/x', 'https://127.0.0.1:5000/v2/x/tags/list?'],
  ['[::1]:5000/x', 'https://[::1]:5000/v2/x/tags/list?'],
  ['[2001:db8::1]/x', 'https://[2001:db8::1]/v2/x/tags/list'],
])('%s is asked for at %s', (name, address) => {
  expect(addressesOf(name)).toEqual([address]);
});

test('mirrors come first, and only who is listed as insecure may be plain http', () => {
  const registries = {
    'docker.io': { mirrors: ['http://one.example:5000', { url: 'https://two.example/v2/hub/' }] },
    'old.example': { insecure: true },
    'moved.example': { endpoint: 'https://new.example/registry' },
  };
  expect(addressesOf('python', registries)).toEqual([
    'http://one.example:5000/v2/library/python/tags/list',
    'https://two.example/v2/hub/library/python/tags/list',
    'https://registry-1.docker.io/v2/library/python/tags/list',
  ]);
  expect(addressesOf('old.example/x', registries)).toEqual(['https://old.example/v2/x/tags/list?']);
  expect(addressesOf('moved.example/x', registries)).toEqual(['https://new.example/registry/v2/x/tags/list']);
});

const PROXIES = { HTTP_PROXY: 'http://plain:1', https_proxy: 'secure:2', HTTPS_PROXY: 'http://other:3' };

test.each<[string, string | undefined, string | undefined]>([
  ['http://a.example', undefined, 'http://plain:1/'],
  ['https://a.example', undefined, 'http://secure:2/'],
  ['https://localhost:5000', undefined, undefined],
  ['https://127.0.0.1', undefined, undefined],
  ['https://a.example', '*', undefined],
  ['https://a.example', 'b.example, a.example', undefined],
  ['https://sub.a.example', 'a.example', undefined],
  ['https://sub.a.example', '.a.example', undefined],
  ['https://nota.example', 'a.example', 'http://secure:2/'],
  ['https://a.example', 'a.example:443', undefined],
  ['https://a.example:8443', 'a.example:443', 'http://secure:2/'],
  ['https://10.1.2.3', '10.0.0.0/8', undefined],
  ['https://11.1.2.3', '10.0.0.0/8', 'http://secure:2/'],
])('%s with NO_PROXY %s goes through %s', (url, noProxy, expected) => {
  expect(proxyOf(new URL(url), { ...PROXIES, NO_PROXY: noProxy })?.href).toBe(expected);
});
