import { describe, expect, test } from 'vitest';
import { addedAccounts } from '../../../../src-main/engine/dockerfile/language/added-accounts.ts';
import { stagePaths } from '../../../../src-main/engine/dockerfile/language/stage-paths.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';

function instructionsOf(lines: string) {
  const { dockerfile, errors } = readDockerfile(`FROM a\n${lines}\n`, 'f');
  expect(errors).toEqual([]);
  return dockerfile.stages[0]?.instructions ?? [];
}

describe('the accounts that a RUN obviously adds', () => {
  test.each<[string, string]>([
    ['RUN useradd app', 'user app, group app'],
    ['RUN useradd --create-home --shell /bin/bash --uid 1000 app', 'user app, group app'],
    ['RUN groupadd -r -g 7 web && useradd -r -g web -d /srv app', 'group web, user app'],
    ['RUN addgroup -S web; adduser -S -D -H -h /x -s /bin/false -G web -g "A b" app', 'group web, user app'],
    ['RUN /usr/sbin/adduser --system --no-create-home app', 'user app, group app'],
    ['RUN adduser --disabled-password --gecos "" app', 'user app, group app'],
    ['RUN apt-get update \\\n  && useradd -m app', 'user app, group app'],
    ['RUN <<E\nset -e\ngroupadd web\nE', 'group web'],
    ['RUN ["useradd", "app"]', 'user app, group app'],
    ['RUN useradd "$USER_NAME"', ''],
    ['RUN echo adduser-like', ''],
    ['COPY useradd app', ''],
  ])('%j', (line, expected) => {
    const added = addedAccounts(instructionsOf(line));
    expect(added.map(({ kind, name }) => `${kind} ${name}`).join(', ')).toBe(expected);
  });
});

describe('the paths that instructions make', () => {
  test.each<[string, { workdir: string; folders: string[]; files: string[] }]>([
    ['WORKDIR /app', { workdir: '/app', folders: ['/app'], files: [] }],
    ['WORKDIR /app\nWORKDIR src', { workdir: '/app/src', folders: ['/app', '/app/src'], files: [] }],
    ['WORKDIR ../x', { workdir: '/x', folders: ['/x'], files: [] }],
    ['WORKDIR $V', { workdir: '/v', folders: ['/v'], files: [] }],
    [
      'COPY a.txt b.txt lib/',
      { workdir: '/srv', folders: ['/srv/lib'], files: ['/srv/lib/a.txt', '/srv/lib/b.txt'] },
    ],
    ['COPY a.txt /x.conf', { workdir: '/srv', folders: [], files: ['/x.conf'] }],
    ['COPY src /opt/src', { workdir: '/srv', folders: ['/opt/src'], files: [] }],
    ['COPY . .', { workdir: '/srv', folders: ['/srv'], files: [] }],
    [
      'COPY <<one.txt <<two.txt /x/\none.txt\ntwo.txt',
      { workdir: '/srv', folders: ['/x'], files: ['/x/one.txt', '/x/two.txt'] },
    ],
    ['COPY a ${V', { workdir: '/srv', folders: [], files: [] }],
  ])('%j', (lines, expected) => {
    const options = { workdir: '/srv', variables: new Map([['V', '/v']]), escape: '\\' };
    expect(stagePaths(instructionsOf(lines), options)).toEqual(expected);
  });
});
