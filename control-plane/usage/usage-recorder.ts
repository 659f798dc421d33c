// Writes down what machines and pods use, with every console closed: each round as it is, and every five minutes the mean.
// Guarantees: a process that is killed loses at most the round that it was writing (and the means of five minutes); what
// cannot be asked or written is left out of the record, and never stops it.
import pLimit from 'p-limit';
import { nodes, type Node } from '../../api/kinds/core/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import { requestJson } from '../../machinery/request.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createMeans } from './means.ts';
import { encodeRound, type Figures, type Round, type SeriesNumbers } from './round.ts';
import { figuresOf, type Counters, type UsageSummary } from './summary-figures.ts';
import {
  createUsageFile,
  packLeftovers,
  trimUsageFiles,
  usageLimits,
  type Grain,
  type GrainLimits,
  type UsageFileWriter,
} from './usage-files.ts';

export interface UsageRecorderOptions {
  readonly client: RestClient;
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two rounds; as often as agents measure. */
  readonly everyMs?: number;
  /** What one mean is of. */
  readonly coarseMs?: number;
  readonly limits?: Readonly<Record<Grain, GrainLimits>>;
}

const inFlight = 8;
const patienceMs = 5_000;

/** Records until the signal aborts. */
export async function runUsageRecorder(options: UsageRecorderOptions, signal: AbortSignal): Promise<void> {
  const { folder, clock, logger, everyMs = 15_000, coarseMs = 300_000, limits = usageLimits } = options;
  await packLeftovers(folder);
  const full = createGrainWriter(folder, 'full', limits.full);
  const coarse = createGrainWriter(folder, 'coarse', limits.coarse);
  let means = createMeans();
  let before: Counters | undefined;
  let meansFrom = clock.now();
  try {
    while (!signal.aborted) {
      const startMs = clock.now();
      try {
        const now: Counters = { time: startMs, bytes: new Map() };
        const figures = await measure(options, now, before, signal);
        before = now;
        means.add(figures);
        if (figures.size > 0) await full.write({ time: startMs, figures });
        // A clock that stepped back begins a new mean, too.
        if (startMs - meansFrom >= coarseMs || startMs < meansFrom) {
          const mean = means.take();
          if (mean.size > 0) await coarse.write({ time: startMs, figures: mean });
          means = createMeans();
          meansFrom = startMs;
        }
      } catch (err) {
        if (signal.aborted) return;
        logger.warn({ err }, 'what machines use was not written down; the next round is tried as usual');
      }
      await clock.sleep(Math.max(0, startMs + everyMs - clock.now()), signal);
    }
  } finally {
    await Promise.all([full.close(), coarse.close()]);
  }
}

/** Asks every node that is ready; one that does not answer is left out. */
async function measure(
  { client }: UsageRecorderOptions,
  now: Counters,
  before: Counters | undefined,
  signal: AbortSignal,
): Promise<Map<string, Figures>> {
  const { items } = await client.resource<Node>(nodes).list({ resourceVersion: '0', signal });
  const ready = items.filter(({ status }) =>
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
  );
  const limit = pLimit(inFlight);
  const found = new Map<string, Figures>();
  const ask = async ({ metadata: { name } }: Node): Promise<void> => {
    const path = `/api/v1/nodes/${name}/proxy/stats/summary`;
    const within = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const request = { method: 'GET', path, headers: { accept: 'application/json' }, signal: within } as const;
    const summary = await requestJson<UsageSummary>(client.request, request).catch(() => undefined);
    if (summary === undefined) return;
    for (const [series, figures] of figuresOf(name, summary, now, before)) found.set(series, figures);
  };
  await Promise.all(ready.map((node) => limit(() => ask(node))));
  signal.throwIfAborted();
  return found;
}

interface GrainWriter {
  write(round: Round): Promise<void>;
  close(): Promise<void>;
}

/** Files of one grain, one after the other. */
function createGrainWriter(folder: string, grain: Grain, limits: GrainLimits): GrainWriter {
  let file: UsageFileWriter | undefined;
  let numbers: SeriesNumbers = new Map();
  return {
    async write(round) {
      if (file !== undefined && (round.time - file.time >= limits.fileMs || round.time < file.time)) {
        const full = file;
        file = undefined;
        await full.finish();
        await trimUsageFiles(folder, grain, limits, round.time);
      }
      if (file === undefined) {
        numbers = new Map();
        file = await createUsageFile(folder, grain, round.time);
      }
      await file.append(encodeRound(round, numbers));
    },
    close: async () => file?.close(),
  };
}
