// API priority and fairness: every request belongs to a flow of a priority level. Levels share the server's seats; where
// a level's seats are taken its requests wait in fair queues, briefly, or are refused with 429. A flood of one client
// costs the others of its level a turn, and other levels nothing. Without contention nothing waits and nothing is async.
import { tooManyRequests } from '../../../api/meta/status.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../api/kinds/flowcontrol/index.ts';
import type { Cancel, Clock } from '../../../machinery/clock.ts';
import type { User } from '../authentication/user.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { flowFacts, levelFacts } from './bootstrap-flows.data.ts';
import { flowSpecOf, levelSpecOf } from './bootstrap-flows.ts';
import { FairQueues } from './fair-queues.ts';
import { createFlowMetrics } from './flow-metrics.ts';
import { byPrecedence, distinguisherOf, matchFlow } from './match-flow.ts';
import { createRequestWidths } from './request-width.ts';
import { fullness, maySit, shareSeats, type LevelLimits, type LevelSeats } from './seats.ts';
import { hashFlow } from './shuffle-shard.ts';

/** Gives the seats back; calling it again does nothing. */
export type Release = () => void;

/** Where the configuration comes from. */
export interface FlowConfiguration {
  readonly schemas: { list(): readonly Readonly<FlowSchema>[]; readonly generation: number };
  readonly levels: { list(): readonly Readonly<PriorityLevelConfiguration>[]; readonly generation: number };
}

export interface FlowControl {
  /** Resolves when there are seats; throws or rejects with TooManyRequests. Not a promise while nothing has to wait. */
  enter(info: RequestInfo, user: User, exchange: Pick<Exchange, 'query' | 'response'>): Release | Promise<Release>;
  /** A request has been answered with so many bytes. */
  answered(info: RequestInfo, bytes: number): void;
  /** Metrics in Prometheus' text format. */
  format(): string;
}

/** How long a request may wait for a seat: a quarter of a request's minute, as upstream. */
const patienceMs = 15_000;

interface Level {
  readonly name: string;
  readonly uid: string;
  readonly isExempt: boolean;
  readonly seats: LevelSeats;
  /** Absent: what finds no seat is refused. */
  queues: FairQueues<Waiter> | undefined;
}

interface Waiter {
  readonly level: Level;
  readonly schema: string;
  readonly width: number;
  readonly sinceMs: number;
  seat(release: Release): void;
}

/** Creates the control of `totalSeats`. */
export function createFlowControl(options: {
  readonly totalSeats: number;
  readonly clock: Clock;
  readonly configuration: FlowConfiguration;
}): FlowControl {
  const { totalSeats, clock, configuration } = options;
  const metrics = createFlowMetrics();
  const widths = createRequestWidths();
  let builtFrom = '';
  let schemas: Readonly<FlowSchema>[] = [];
  let levels = new Map<string, Level>();
  let limited: LevelSeats[] = [];

  const refresh = (): void => {
    const state = `${configuration.schemas.generation} ${configuration.levels.generation}`;
    if (state === builtFrom) return;
    builtFrom = state;
    levels = buildLevels(totalSeats, withMandatoryLevels(configuration.levels.list()), levels);
    limited = [...levels.values()].filter(({ isExempt }) => !isExempt).map(({ seats }) => seats);
    const all = withMandatorySchemas(configuration.schemas.list());
    schemas = byPrecedence(all).filter(({ spec }) => levels.has(spec.priorityLevelConfiguration.name));
    admitNext();
  };

  const sit = (level: Level, schema: string, width: number): Release => {
    level.seats.taken += width;
    metrics.dispatched(schema, level.name);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      level.seats.taken -= width;
      metrics.finished(schema, level.name);
      if (!level.isExempt) admitNext();
    };
  };

  /** Seats whoever can be seated: levels furthest below their part first, within a level the queue whose turn it is. */
  const admitNext = (): void => {
    for (let hasSeated = true; hasSeated;) {
      hasSeated = false;
      const waiting = [...levels.values()].filter(({ queues }) => queues !== undefined && queues.length > 0);
      waiting.sort((a, b) => fullness(a.seats) - fullness(b.seats));
      for (const { queues, seats } of waiting) {
        const width = queues?.nextWidth();
        if (width === undefined || !maySit(totalSeats, limited, seats, width)) continue;
        const waiter = queues?.take();
        if (waiter === undefined) continue;
        seats.waiting--;
        waiter.seat(sit(waiter.level, waiter.schema, waiter.width));
        hasSeated = true;
        break;
      }
    }
  };

  const refuse = (schema: string, level: Level, reason: string): Error => {
    metrics.rejected(schema, level.name, reason);
    return tooManyRequests('too many requests, please try again later.', 1);
  };

  const wait = (
    level: Level,
    schema: string,
    flow: number,
    width: number,
    exchange: Pick<Exchange, 'response'>,
  ): Promise<Release> =>
    new Promise((resolve, reject) => {
      const { queues, seats } = level;
      let cancel: Cancel = () => undefined;
      const gone = (): void => leave('cancelled');
      const end = (): void => {
        cancel();
        exchange.response.off('close', gone);
        metrics.left(schema, level.name, (clock.now() - waiter.sinceMs) / 1000);
      };
      const waiter: Waiter = {
        level,
        schema,
        width,
        sinceMs: clock.now(),
        seat(release) {
          end();
          resolve(release);
        },
      };
      const leave = (reason: string): void => {
        if (level.queues?.leave(waiter) !== true) return;
        seats.waiting--;
        end();
        reject(refuse(schema, level, reason));
      };
      if (queues?.join(flow, waiter, width) !== true) return reject(refuse(schema, level, 'queue-full'));
      seats.waiting++;
      metrics.queued(schema, level.name);
      cancel = clock.setTimeout(() => leave('time-out'), patienceMs);
      exchange.response.once('close', gone);
    });

  return {
    enter(info, user, exchange) {
      refresh();
      const schema = matchFlow(schemas, info, user);
      const level = schema && levels.get(schema.spec.priorityLevelConfiguration.name);
      // The mandatory schemas match everybody; a configuration that hides them is none.
      if (schema === undefined || level === undefined) throw tooManyRequests('no flow schema matches this request', 1);
      const { name, uid } = schema.metadata;
      if (uid) exchange.response.setHeader('x-kubernetes-pf-flowschema-uid', uid);
      if (level.uid) exchange.response.setHeader('x-kubernetes-pf-prioritylevel-uid', level.uid);
      if (level.isExempt) return sit(level, name, 1);
      const width = widths.of(info, exchange.query);
      if (level.seats.waiting === 0 && maySit(totalSeats, limited, level.seats, width)) return sit(level, name, width);
      if (level.queues === undefined) throw refuse(name, level, 'concurrency-limit');
      return wait(level, name, hashFlow(name, distinguisherOf(schema, info, user)), width, exchange);
    },
    answered: (info, bytes) => widths.learn(info, bytes),
    format: () => metrics.format([...levels.values()].map(({ name, seats, isExempt }) => ({ name, seats, isExempt }))),
  };
}

function limitsOf({ spec }: Readonly<PriorityLevelConfiguration>): LevelLimits {
  const part = spec.type === 'Exempt' ? spec.exempt : spec.limited;
  return {
    shares: part?.nominalConcurrencyShares ?? (spec.type === 'Exempt' ? 0 : 30),
    lendablePercent: part?.lendablePercent ?? 0,
    borrowingLimitPercent: spec.limited?.borrowingLimitPercent,
  };
}

/** The levels of a configuration; seats that are taken, and requests that wait, go over from those before. */
function buildLevels(
  total: number,
  configurations: readonly Readonly<PriorityLevelConfiguration>[],
  before: ReadonlyMap<string, Level>,
): Map<string, Level> {
  const shared = shareSeats(total, new Map(configurations.map((one) => [one.metadata.name, limitsOf(one)])));
  const levels = new Map<string, Level>();
  for (const { metadata, spec } of configurations) {
    const { name, uid } = metadata;
    const seats = shared.get(name);
    if (seats === undefined) continue;
    const known = before.get(name);
    // The same object: releases of running requests still count down on it.
    const merged =
      known === undefined
        ? seats
        : Object.assign(known.seats, { ...seats, taken: known.seats.taken, waiting: known.seats.waiting });
    const queuing = spec.limited?.limitResponse?.queuing;
    const limits = queuing && {
      queues: queuing.queues ?? 64,
      handSize: queuing.handSize ?? 8,
      queueLengthLimit: queuing.queueLengthLimit ?? 50,
    };
    if (limits !== undefined) known?.queues?.configure(limits);
    const queues = known?.queues ?? (limits === undefined ? undefined : new FairQueues<Waiter>(limits));
    levels.set(name, { name, uid: uid ?? '', isExempt: spec.type === 'Exempt', seats: merged, queues });
  }
  return levels;
}

const mandatory = new Set(['exempt', 'catch-all']);

/** What must always be there, even while nobody has stored it or somebody has deleted it. */
function withMandatoryLevels(
  stored: readonly Readonly<PriorityLevelConfiguration>[],
): Readonly<PriorityLevelConfiguration>[] {
  const missing = levelFacts.filter(
    ({ name }) => mandatory.has(name) && !stored.some((one) => one.metadata.name === name),
  );
  return [
    ...stored,
    ...missing.map((facts) => ({ ...typed('PriorityLevelConfiguration', facts.name), spec: levelSpecOf(facts) })),
  ];
}

function withMandatorySchemas(stored: readonly Readonly<FlowSchema>[]): Readonly<FlowSchema>[] {
  const missing = flowFacts.filter(
    ({ name }) => mandatory.has(name) && !stored.some((one) => one.metadata.name === name),
  );
  return [...stored, ...missing.map((facts) => ({ ...typed('FlowSchema', facts.name), spec: flowSpecOf(facts) }))];
}

function typed<K extends string>(kind: K, name: string) {
  const metadata = { name, uid: '', resourceVersion: '', creationTimestamp: '' };
  return { apiVersion: 'flowcontrol.apiserver.k8s.io/v1' as const, kind, metadata };
}
