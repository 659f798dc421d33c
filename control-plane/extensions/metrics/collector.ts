// Asks agents what they use, when somebody asks: answers are kept for a while, so that a console that polls costs little.
import type { Node } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Summary } from './summary.ts';

/** What one agent answered. */
export interface Collected {
  readonly node: Readonly<Node>;
  readonly summary: Summary;
}

/** Collects summaries. */
export interface Collector {
  /** The summaries of these nodes; those that do not answer are left out. */
  collect(nodes: readonly Readonly<Node>[]): Promise<Collected[]>;
}

/** How the collector reaches agents, and its bounds. */
export interface CollectorOptions {
  readonly clock: Clock;
  fetchSummary(node: Readonly<Node>): Promise<Summary>;
  readonly keepMs?: number;
  readonly inFlight?: number;
}

/** Creates a collector. */
export function createCollector({ clock, fetchSummary, keepMs = 10_000, inFlight = 32 }: CollectorOptions): Collector {
  const kept = new Map<string, { untilMs: number; summary: Promise<Summary | undefined> }>();

  const summaryOf = (node: Readonly<Node>): Promise<Summary | undefined> => {
    const { name } = node.metadata;
    const known = kept.get(name);
    if (known !== undefined && known.untilMs > clock.now()) return known.summary;
    // An agent that does not answer is not asked again before the time is up either.
    const summary = fetchSummary(node).catch(() => undefined);
    kept.set(name, { untilMs: clock.now() + keepMs, summary });
    return summary;
  };

  return {
    async collect(nodes) {
      const names = new Set(nodes.map(({ metadata }) => metadata.name));
      if (kept.size > 2 * names.size + 100) for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
      const pending = [...nodes];
      const collected: Collected[] = [];
      const worker = async (): Promise<void> => {
        for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
          const summary = await summaryOf(node);
          if (summary !== undefined) collected.push({ node, summary });
        }
      };
      await Promise.all(Array.from({ length: Math.min(inFlight, pending.length) }, worker));
      return collected.sort((a, b) => (a.node.metadata.name < b.node.metadata.name ? -1 : 1));
    },
  };
}
