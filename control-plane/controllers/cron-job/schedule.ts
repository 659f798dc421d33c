// When a CronJob is due, by its schedule in its time zone. Pure.
import { Cron } from 'croner';
import type { CronJob } from '../../../api/kinds/batch/index.ts';

export interface Due {
  /** The latest time at which a Job should have started and has not; none when nothing is due. */
  dueMs?: number;
  /** More start times were missed than anyone should catch up with. */
  missedMany: boolean;
  /** The next time after now. */
  nextMs?: number;
}

const manyMissed = 100;

/** Throws when the schedule or the time zone is not valid. */
export function planSchedule(cronJob: Readonly<CronJob>, nowMs: number): Due {
  const { schedule, timeZone = 'Etc/UTC', startingDeadlineSeconds } = cronJob.spec;
  const cron = new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true });
  const nextMs = cron.nextRun(new Date(nowMs))?.getTime();
  let fromMs = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  if (startingDeadlineSeconds !== undefined && startingDeadlineSeconds !== null)
    fromMs = Math.max(fromMs, nowMs - startingDeadlineSeconds * 1000);
  if (fromMs > nowMs) return { missedMany: false, nextMs };
  // The start of the window is open: a time equal to the last one has been served.
  const first = cron.nextRun(new Date(fromMs))?.getTime();
  if (first === undefined || first > nowMs) return { missedMany: false, nextMs };
  // The search looks back from before a whole second: a second later it sees a time that is now, and maybe one to come.
  const past = cron.previousRuns(2, new Date(nowMs + 1_000)).map((run) => run.getTime());
  const dueMs = past.find((at) => at <= nowMs && at >= first) ?? first;
  let missed = 1;
  for (let at = first; at < dueMs && missed <= manyMissed; missed++) {
    const following = cron.nextRun(new Date(at))?.getTime();
    if (following === undefined) break;
    at = following;
  }
  return { dueMs, missedMany: missed > manyMissed, nextMs };
}
