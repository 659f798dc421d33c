import { describe, expect, it } from 'vitest';
import type { AccessQuestion } from '../../../api/console/index.ts';
import { ruleCovers, whoCan, type Rbac } from './who-can.ts';

const question: AccessQuestion = { verb: 'delete', group: '', resource: 'pods', namespace: 'shop' };
const rbac = {
  roles: [
    {
      metadata: { name: 'sweeper', namespace: 'shop' },
      rules: [{ verbs: ['delete'], apiGroups: [''], resources: ['pods'], resourceNames: ['old'] }],
    },
  ],
  clusterRoles: [
    { metadata: { name: 'admin' }, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
    { metadata: { name: 'viewer' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
  ],
  roleBindings: [
    {
      metadata: { name: 'sweep', namespace: 'shop' },
      roleRef: { kind: 'Role', name: 'sweeper' },
      subjects: [{ kind: 'ServiceAccount', name: 'broom', namespace: 'shop' }],
    },
    {
      metadata: { name: 'elsewhere', namespace: 'data' },
      roleRef: { kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'User', name: 'eve' }],
    },
    { metadata: { name: 'lost', namespace: 'shop' }, roleRef: { kind: 'Role', name: 'gone' }, subjects: [] },
  ],
  clusterRoleBindings: [
    {
      metadata: { name: 'admins' },
      roleRef: { kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'Group', name: 'captains' }],
    },
    {
      metadata: { name: 'viewers' },
      roleRef: { kind: 'ClusterRole', name: 'viewer' },
      subjects: [{ kind: 'User', name: 'bob' }],
    },
  ],
} as unknown as Rbac;

describe('who can', () => {
  it('finds every binding that grants it in the namespace, and says which objects', () => {
    const { grants, dangling } = whoCan(rbac, question);
    expect(grants.map(({ subject, names, namespace }) => [subject.name, namespace, names])).toEqual([
      ['captains', undefined, []],
      ['broom', 'shop', ['old']],
    ]);
    expect(dangling).toEqual(['RoleBinding lost → Role gone']);
  });

  it('asks about every namespace when none is named', () => {
    const { grants } = whoCan(rbac, { ...question, namespace: undefined });
    expect(grants.map(({ subject }) => subject.name)).toEqual(['captains', 'broom', 'eve']);
  });

  it.each([
    [['pods'], 'pods/exec', false],
    [['pods/*'], 'pods/exec', false],
    [['*/exec'], 'pods/exec', true],
    [['*'], 'pods/exec', true],
  ])('%j covers %s: %s', (resources, resource, covered) => {
    expect(ruleCovers({ verbs: ['create'], apiGroups: [''], resources }, { verb: 'create', group: '', resource })).toBe(
      covered,
    );
  });
});
