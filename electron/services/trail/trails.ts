// The trails of each cluster: an action is written into the cluster's hash-chained record once it changes something, then
// what it led to. Guarantees: an action that only asks leaves no line; entries keep their order; contents of objects and
// passwords are never written; nothing is written for a cluster whose folder is gone.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TrailSummary } from '../../../api/console/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { Trace, TraceFacts, TraceKind } from '../../../machinery/trace.ts';
import { openAuditLog, type TrailEntry } from '../../../provisioning/audit/audit-log.ts';
import { auditor } from '../../../provisioning/audit/recorder.ts';
import { signingKey } from '../../../provisioning/bundle/signature.ts';
import { clusterPaths } from '../../../provisioning/paths.ts';
import type { Unsubscribe } from '../contract.ts';
import { listTrails, mostListed, summaryOf } from './read-trail.ts';
import { factsOf } from './trail-facts.ts';

export interface ActionTrace extends Trace {
  readonly clusterId: string;
  /** Whether it has changed anything so far. */
  readonly hasBegun: boolean;
}

export interface Trails {
  /** The trace of a command that a person gave. */
  trace(clusterId: string, command: string, payload: object): ActionTrace;
  /** Newest first. */
  list(clusterId: string): Promise<readonly TrailSummary[]>;
  onDidChange(listener: (clusterId: string) => void): Unsubscribe;
  /** Calls back with each write that is noted. */
  onDidWrite(listener: (trace: ActionTrace, object: string) => void): Unsubscribe;
  /** Resolves when all that was noted is on disk. */
  written(): Promise<void>;
}

/** The trails of a console home. */
export function createTrails(home: string, clock: Clock, logger: Logger): Trails {
  const who = auditor();
  const changed = new Set<(clusterId: string) => void>();
  const wrote = new Set<(trace: ActionTrace, object: string) => void>();
  const loaded = new Map<string, Promise<TrailSummary[]>>();
  let last: Promise<void> = Promise.resolve();

  const trailsOf = (clusterId: string): Promise<TrailSummary[]> => {
    const known = loaded.get(clusterId) ?? listTrails(clusterId, home);
    loaded.set(clusterId, known);
    return known;
  };
  const write = (clusterId: string, entry: TrailEntry): void => {
    const path = clusterPaths(clusterId, home).auditLog;
    const append = async (): Promise<void> => {
      const key = await signingKey(home);
      if (!existsSync(dirname(path))) return;
      const known = await trailsOf(clusterId); // before the line is there, or it would be listed twice
      openAuditLog(path, key).append(entry);
      if (entry.kind === 'action') known.unshift(summaryOf(entry));
      known.splice(mostListed);
      for (const listener of [...changed]) listener(clusterId);
    };
    last = last.then(append).catch((err: unknown) => logger.error({ err }, 'a trail could not be written'));
  };

  return {
    trace(clusterId, command, payload) {
      const id = randomBytes(16).toString('hex');
      const add = (kind: TrailEntry['kind'], facts: TraceFacts): void =>
        write(clusterId, { at: new Date(clock.now()).toISOString(), who, trace: id, kind, facts });
      let requests = 0;
      let hasBegun = false;
      const trace: ActionTrace = {
        id,
        clusterId,
        get hasBegun() {
          return hasBegun;
        },
        begin() {
          if (hasBegun) return;
          hasBegun = true;
          add('action', { ...factsOf(payload), command });
        },
        note(kind: TraceKind, facts) {
          trace.begin();
          add(kind, facts);
          if (kind === 'write') for (const listener of [...wrote]) listener(trace, String(facts['object']));
        },
        nextRequest: () => ++requests,
      };
      return trace;
    },
    list: trailsOf,
    onDidChange(listener) {
      changed.add(listener);
      return () => void changed.delete(listener);
    },
    onDidWrite(listener) {
      wrote.add(listener);
      return () => void wrote.delete(listener);
    },
    written: () => last,
  };
}
