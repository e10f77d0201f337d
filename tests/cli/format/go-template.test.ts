import { describe, expect, test } from 'vitest';
import { fillTemplate } from '../../../src-main/cli/format/go-template.ts';

const image = {
  ID: 'abc',
  Tag: '1',
  Config: { Env: ['A=1', 'B=2'], Labels: { b: 'x', a: 'y' }, User: null },
};

describe('a template', () => {
  test.each([
    ['{{.ID}}:{{.Tag}}', 'abc:1'],
    ['{{ .ID }}\\t{{.Tag}}', 'abc\t1'],
    ['{{.Config.Env}}', '[A=1 B=2]'],
    ['{{.Config.Labels}}', 'map[a:y b:x]'],
    ['{{.Config.User}}', '<no value>'],
    ['{{json .Config.Env}}', '["A=1","B=2"]'],
    ['{{json .}}', JSON.stringify(image)],
  ])('%s gives %s', (template, filled) => {
    expect(fillTemplate(template, image)).toBe(filled);
  });

  test('names the fields that there are when one is not', () => {
    expect(() => fillTemplate('{{.Size}}', image)).toThrow('there is no field .Size');
  });

  test('says so when it has more than fields', () => {
    expect(() => fillTemplate('{{range .Config.Env}}x{{end}}', image)).toThrow('has more than fields');
  });
});
