import { describe, expect, it } from 'vitest';
import type { Attributes } from './authorizer.ts';
import { ruleAllows, uncovered, type Rule } from './rbac-rules.ts';

const attributes = (verb: string, resource: string, more: Partial<Attributes> = {}): Attributes => ({
  user: { username: 'u', groups: [] },
  verb,
  isResource: true,
  group: '',
  version: 'v1',
  resource,
  subresource: '',
  namespace: 'n',
  name: '',
  path: '',
  ...more,
});

describe('ruleAllows', () => {
  const rule = (resources: string[], more: Rule = {}): Rule => ({
    verbs: ['get'],
    apiGroups: [''],
    resources,
    ...more,
  });
  it.each([
    [rule(['pods']), attributes('get', 'pods'), true],
    [rule(['pods']), attributes('list', 'pods'), false],
    [rule(['pods']), attributes('get', 'pods', { subresource: 'log' }), false],
    [rule(['pods/log']), attributes('get', 'pods', { subresource: 'log' }), true],
    [rule(['*/log']), attributes('get', 'pods', { subresource: 'log' }), true],
    [rule(['*']), attributes('get', 'pods', { subresource: 'log' }), true],
    [rule(['pods']), attributes('get', 'pods', { group: 'apps' }), false],
    [rule(['pods'], { resourceNames: ['a'] }), attributes('get', 'pods', { name: 'a' }), true],
    [rule(['pods'], { resourceNames: ['a'] }), attributes('get', 'pods'), false],
    [
      { verbs: ['get'], nonResourceURLs: ['/logs/*'] },
      attributes('get', '', { isResource: false, path: '/logs/x' }),
      true,
    ],
    [
      { verbs: ['get'], nonResourceURLs: ['/logs'] },
      attributes('get', '', { isResource: false, path: '/logs/x' }),
      false,
    ],
  ])('%j', (held, asked, expected) => {
    expect(ruleAllows(held, asked)).toBe(expected);
  });
});

describe('uncovered', () => {
  it('names exactly what would be escalated to', () => {
    const owned: Rule[] = [{ verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments'] }];
    expect(uncovered(owned, [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }])).toEqual([]);
    expect(uncovered(owned, [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods'] }])).toEqual([
      { verbs: ['delete'], apiGroups: [''], resources: ['pods'] },
    ]);
    expect(
      uncovered(
        [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        [{ verbs: ['*'], apiGroups: ['*'], resources: ['*/scale'] }],
      ),
    ).toEqual([]);
    expect(
      uncovered(
        [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }],
        [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      ),
    ).toHaveLength(1);
  });
});
