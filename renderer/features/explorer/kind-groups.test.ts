import { describe, expect, it } from 'vitest';
import type { KindView } from '../../../api/console/index.ts';
import { sectionsOf } from './kind-groups.ts';

const kind = (apiVersion: string, name: string, custom = false, verbs = ['list']): KindView => ({
  apiVersion,
  kind: name,
  plural: `${name.toLowerCase()}s`,
  namespaced: true,
  verbs,
  shortNames: name === 'Service' ? ['svc'] : [],
  custom,
});
const kinds = [
  kind('v1', 'Service'),
  kind('apps/v1', 'StatefulSet'),
  kind('apps/v1', 'DaemonSet'),
  kind('boats.example/v1', 'Dinghy', true),
  kind('v1', 'Binding', false, ['create']),
];

describe('the sections of kinds', () => {
  it('stand in the order of use, sorted by name, without what cannot be listed', () => {
    expect(sectionsOf(kinds, '').map(({ id, kinds: own }) => [id, own.map((one) => one.kind)])).toEqual([
      ['workloads', ['DaemonSet', 'StatefulSet']],
      ['network', ['Service']],
      ['custom', ['Dinghy']],
    ]);
  });

  it('are found by kind, plural, group and short name', () => {
    expect(sectionsOf(kinds, 'svc').flatMap(({ kinds: own }) => own.map((one) => one.kind))).toEqual(['Service']);
    expect(sectionsOf(kinds, 'boats ding')).toHaveLength(1);
    expect(sectionsOf(kinds, 'canoe')).toEqual([]);
  });
});
