import { expect, it } from 'vitest';
import type { EtcdMemberHealth } from '../../machinery/etcd/index.ts';
import { planEtcdUpkeep } from './etcd-upkeep.ts';

const mebibyte = 1024 * 1024;
const member = (
  name: string,
  sizeMib: number,
  usedMib: number,
  more: Partial<EtcdMemberHealth> = {},
): EtcdMemberHealth => ({
  name,
  endpoint: `https://${name}:2379`,
  healthy: true,
  leader: false,
  version: '3.4.23',
  dbSizeBytes: sizeMib * mebibyte,
  dbInUseBytes: usedMib * mebibyte,
  latencyMs: 1,
  ...more,
});

it('leaves tidy and small members alone', () => {
  expect(planEtcdUpkeep([member('a', 200, 150), member('b', 40, 1)], false)).toEqual([]);
});

it('defragments one wasteful member at a time, the leader last', () => {
  const members = [member('a', 300, 20, { leader: true }), member('b', 300, 20), member('c', 300, 20)];
  expect(planEtcdUpkeep(members, false)).toEqual([{ do: 'defragment', endpoint: 'https://b:2379' }]);
});

it('takes no member away while another is unwell', () => {
  expect(planEtcdUpkeep([member('a', 300, 20), member('b', 300, 20, { healthy: false })], false)).toEqual([]);
});

it('warns at seventy per cent of the quota', () => {
  expect(planEtcdUpkeep([member('a', 80, 75)], false, 100 * mebibyte)).toEqual([
    { do: 'warn', member: 'a', usedShare: 0.75 },
  ]);
});

it('recovers every member when writes are refused', () => {
  expect(planEtcdUpkeep([member('a', 1, 1, { leader: true }), member('b', 1, 1)], true)).toEqual([
    { do: 'recover', endpoints: ['https://b:2379', 'https://a:2379'] },
  ]);
});
