import { expect, it } from 'vitest';
import { fsyncP99 } from './etcd-data.ts';

const bucket = (bound: string, count: number): string =>
  `etcd_disk_wal_fsync_duration_seconds_bucket{le="${bound}"} ${count}`;

it('reads what ninety-nine of a hundred writes stay under', () => {
  const metrics = [bucket('0.001', 10), bucket('0.004', 990), bucket('0.016', 1000), bucket('+Inf', 1000)].join('\n');
  expect(fsyncP99(metrics)).toBe(4);
});

it('says nothing without writes, or when the last ones were beyond measure', () => {
  expect(fsyncP99('')).toBeUndefined();
  expect(fsyncP99(bucket('+Inf', 0))).toBeUndefined();
  expect(fsyncP99([bucket('0.001', 1), bucket('+Inf', 100)].join('\n'))).toBeUndefined();
});
