import { describe, expect, it } from 'vitest';
import type { ResourceClaim, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { startMs } from '../testing/fixtures.ts';
import { evictingTaints, planDeviceEvictionMs } from './plan.ts';

const slice = (generation: number, ...taints: object[]): ResourceSlice =>
  ({
    spec: {
      driver: 'd',
      pool: { name: 'p', generation, resourceSliceCount: 1 },
      devices: [{ name: 'gpu', taints }, { name: 'fine' }],
    },
  }) as unknown as ResourceSlice;
const claim = (device: string, tolerations?: object[]): ResourceClaim =>
  ({
    status: { allocation: { devices: { results: [{ driver: 'd', pool: 'p', device, request: 'r', tolerations }] } } },
  }) as unknown as ResourceClaim;
const broken = { key: 'broken', value: 'fan', effect: 'NoExecute', timeAdded: formatTime(startMs) };

describe('the users of a device', () => {
  it.each<[string, ResourceSlice[], ResourceClaim, number | undefined]>([
    ['stay while it has no taint', [slice(1)], claim('gpu'), undefined],
    [
      'stay when the taint only keeps others away',
      [slice(1, { ...broken, effect: 'NoSchedule' })],
      claim('gpu'),
      undefined,
    ],
    ['stay when another device is tainted', [slice(1, broken)], claim('fine'), undefined],
    ['leave at once', [slice(1, broken)], claim('gpu'), startMs],
    ['stay for good if they tolerate it', [slice(1, broken)], claim('gpu', [{ operator: 'Exists' }]), undefined],
    [
      'leave when what they tolerate ends, the shortest counting',
      [slice(1, broken)],
      claim('gpu', [
        { operator: 'Exists', tolerationSeconds: 60 },
        { key: 'broken', operator: 'Equal', value: 'fan', effect: 'NoExecute', tolerationSeconds: 30 },
      ]),
      startMs + 30_000,
    ],
    [
      'leave when they tolerate something else',
      [slice(1, broken)],
      claim('gpu', [{ key: 'broken', operator: 'Equal', value: 'disk' }]),
      startMs,
    ],
    [
      'are judged by every taint',
      [slice(1, broken, { ...broken, key: 'hot' })],
      claim('gpu', [{ key: 'broken', operator: 'Exists' }]),
      startMs,
    ],
    ['are judged by the newest generation of the pool', [slice(1, broken), slice(2)], claim('gpu'), undefined],
  ])('%s', (_title, slices, one, expected) => {
    expect(planDeviceEvictionMs(one, evictingTaints(slices))).toBe(expected);
  });
});
