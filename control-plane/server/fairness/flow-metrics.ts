// What priority and fairness does, under upstream's metric names.
import type { LevelSeats } from './seats.ts';

const bounds = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 15];

export interface FlowMetrics {
  dispatched(schema: string, level: string): void;
  finished(schema: string, level: string): void;
  queued(schema: string, level: string): void;
  /** Out of its queue, seated or not, after so long. */
  left(schema: string, level: string, seconds: number): void;
  rejected(schema: string, level: string, reason: string): void;
  format(levels: readonly { readonly name: string; readonly seats: LevelSeats; readonly isExempt: boolean }[]): string;
}

interface Flow {
  dispatched: number;
  executing: number;
  waiting: number;
  readonly rejected: Map<string, number>;
  waits: number;
  waitedSeconds: number;
  readonly buckets: number[];
}

/** Fresh counters. Flows are named by their schemas, of which an administrator makes few. */
export function createFlowMetrics(): FlowMetrics {
  const flows = new Map<string, Flow>();
  const flowOf = (schema: string, level: string): Flow => {
    const key = `flow_schema="${schema}",priority_level="${level}"`;
    let flow = flows.get(key);
    if (flow === undefined) {
      const counts = { dispatched: 0, executing: 0, waiting: 0, waits: 0, waitedSeconds: 0 };
      flows.set(key, (flow = { ...counts, rejected: new Map(), buckets: bounds.map(() => 0) }));
    }
    return flow;
  };
  const prefix = 'apiserver_flowcontrol_';
  const lines = (name: string, type: string, help: string, rows: readonly (readonly [string, number])[]): string =>
    `# HELP ${prefix}${name} ${help}\n# TYPE ${prefix}${name} ${type}\n` +
    rows.map(([labels, value]) => `${prefix}${name}{${labels}} ${value}\n`).join('');
  const perFlow = (read: (flow: Flow) => number): [string, number][] =>
    [...flows].map(([key, flow]) => [key, read(flow)]);

  return {
    dispatched(schema, level) {
      const flow = flowOf(schema, level);
      flow.dispatched++;
      flow.executing++;
    },
    finished: (schema, level) => void flowOf(schema, level).executing--,
    queued: (schema, level) => void flowOf(schema, level).waiting++,
    left(schema, level, seconds) {
      const flow = flowOf(schema, level);
      flow.waiting--;
      flow.waits++;
      flow.waitedSeconds += seconds;
      const slot = bounds.findIndex((bound) => seconds <= bound);
      if (slot !== -1) flow.buckets[slot] = (flow.buckets[slot] ?? 0) + 1;
    },
    rejected(schema, level, reason) {
      const { rejected } = flowOf(schema, level);
      rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
    },
    format(levels) {
      const perLevel = (read: (seats: LevelSeats) => number): [string, number][] =>
        levels.filter(({ isExempt }) => !isExempt).map(({ name, seats }) => [`priority_level="${name}"`, read(seats)]);
      const rejections = [...flows].flatMap(([key, { rejected }]) =>
        [...rejected].map(([reason, count]): [string, number] => [`${key},reason="${reason}"`, count]),
      );
      return [
        lines(
          'dispatched_requests_total',
          'counter',
          'Requests that got their seats.',
          perFlow((flow) => flow.dispatched),
        ),
        lines('rejected_requests_total', 'counter', 'Requests refused for want of seats.', rejections),
        lines(
          'current_executing_requests',
          'gauge',
          'Requests on their seats.',
          perFlow((flow) => flow.executing),
        ),
        lines(
          'current_inqueue_requests',
          'gauge',
          'Requests waiting for seats.',
          perFlow((flow) => flow.waiting),
        ),
        lines(
          'current_executing_seats',
          'gauge',
          'Seats taken.',
          perLevel(({ taken }) => taken),
        ),
        lines(
          'nominal_limit_seats',
          'gauge',
          'Seats by shares.',
          perLevel(({ nominal }) => nominal),
        ),
        lines(
          'lower_limit_seats',
          'gauge',
          'Seats that are never lent.',
          perLevel(({ least }) => least),
        ),
        lines(
          'upper_limit_seats',
          'gauge',
          'Seats with all that can be borrowed.',
          perLevel(({ most }) => most),
        ),
        waitDurations(prefix, flows),
      ].join('');
    },
  };
}

function waitDurations(prefix: string, flows: ReadonlyMap<string, Flow>): string {
  const name = `${prefix}request_wait_duration_seconds`;
  let text = `# HELP ${name} How long requests waited for seats.\n# TYPE ${name} histogram\n`;
  for (const [key, { waits, waitedSeconds, buckets }] of flows) {
    if (waits === 0) continue;
    let total = 0;
    bounds.forEach((bound, index) => {
      total += buckets[index] ?? 0;
      text += `${name}_bucket{${key},le="${bound}"} ${total}\n`;
    });
    text += `${name}_bucket{${key},le="+Inf"} ${waits}\n${name}_sum{${key}} ${waitedSeconds}\n${name}_count{${key}} ${waits}\n`;
  }
  return text;
}
