import { expect, it } from 'vitest';
import { dueAtMs } from './backups.ts';
import type { BackupSchedule } from './backups.ts';

const schedule = { cluster: 'demo', cron: '0 */6 * * *', keep: { count: 3 } } as unknown as BackupSchedule;
const at = (time: string): number => Date.parse(`2026-11-23T${time}Z`);

it.each([
  ['first at the next time of the schedule', '05:59:00', {}, '06:00:00'],
  ['then at the one after the last', '05:00:00', { lastStartedAt: '2026-11-23T06:00:02Z' }, '12:00:00'],
  ['ten minutes after a failure', '05:00:00', { lastStartedAt: '2026-11-23T06:00:02Z', error: 'x' }, '06:10:02'],
  ['not at once when set again later', '13:00:00', { lastStartedAt: '2026-11-23T06:00:00Z' }, '18:00:00'],
])('a scheduled backup is due %s', (_title, setAt, status, due) => {
  expect(dueAtMs(schedule, at(setAt), status)).toBe(at(due));
});
