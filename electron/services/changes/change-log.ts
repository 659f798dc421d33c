// What was changed through this console, per cluster: who, what, before and after; enough to take it back.
// Guarantees: kept in `changes.jsonl` beside the kubeconfig, one line a change, the newest `mostKept`; contents of
// Secrets are never written.
import { randomUUID } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ChangeAction, ChangeView, ObjectRef } from '../../../api/console/index.ts';
import type { Draft, KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { currentTrace } from '../../../machinery/trace.ts';
import type { Unsubscribe } from '../contract.ts';
import { replaceFile } from '../state/json-file.ts';

export interface Change {
  readonly id: string;
  readonly at: number;
  readonly verb: string;
  readonly action: ChangeAction;
  readonly object: ObjectRef;
  readonly summary: string;
  readonly user: string;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
  readonly undoes?: string;
  /** The trail of the action. */
  readonly trace?: string;
  /** What a deleted namespace held. */
  readonly contents?: readonly Draft<KubernetesObject>[];
}

export interface NewChange {
  readonly verb: string;
  readonly summary: string;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
  readonly undoes?: string;
  /** What a deleted namespace held. */
  readonly contents?: readonly Draft<KubernetesObject>[];
}

export interface ChangeLog {
  record(clusterId: string, change: NewChange): Promise<Change>;
  list(clusterId: string): Promise<readonly ChangeView[]>;
  get(clusterId: string, id: string): Promise<Change | undefined>;
  onDidChange(listener: (clusterId: string) => void): Unsubscribe;
}

const mostKept = 500;
const lineSchema = z.object({ id: z.string(), at: z.number(), verb: z.string(), summary: z.string() }).loose();

function refOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}

function withoutSecrets(object: KubernetesObject | undefined): KubernetesObject | undefined {
  return object?.kind === 'Secret' ? undefined : object;
}

/** The log of a console home. */
export function createChangeLog(home: string, clock: Clock): ChangeLog {
  const listeners = new Set<(clusterId: string) => void>();
  const loaded = new Map<string, Promise<Change[]>>();
  const pathOf = (clusterId: string): string => join(home, 'clusters', clusterId, 'changes.jsonl');

  const load = async (clusterId: string): Promise<Change[]> => {
    const text = await readFile(pathOf(clusterId), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return text.split('\n').flatMap((line) => {
      try {
        const parsed = lineSchema.safeParse(JSON.parse(line));
        return parsed.success ? [parsed.data as unknown as Change] : [];
      } catch {
        return []; // a line cut by a crash
      }
    });
  };
  const changesOf = (clusterId: string): Promise<Change[]> => {
    const known = loaded.get(clusterId) ?? load(clusterId);
    loaded.set(clusterId, known);
    return known;
  };

  return {
    async record(clusterId, { verb, summary, before, after, undoes, contents }) {
      const subject = after ?? before;
      if (subject === undefined) throw new TypeError('a change needs an object');
      const change: Change = {
        id: randomUUID(),
        at: clock.now(),
        verb,
        action: before === undefined ? 'create' : after === undefined ? 'delete' : 'update',
        object: refOf(subject),
        summary,
        user: userInfo().username,
        before: withoutSecrets(before),
        after: withoutSecrets(after),
        undoes,
        trace: currentTrace()?.id,
        contents,
      };
      const changes = await changesOf(clusterId);
      changes.push(change);
      const line = (one: Change): string => `${JSON.stringify(one)}\n`;
      if (changes.length > mostKept) {
        changes.splice(0, changes.length - mostKept);
        await replaceFile(pathOf(clusterId), changes.map(line).join(''));
      } else await appendFile(pathOf(clusterId), line(change), { mode: 0o600 });
      for (const listener of listeners) listener(clusterId);
      return change;
    },
    async list(clusterId) {
      const changes = await changesOf(clusterId);
      const undone = new Map(changes.flatMap(({ id, undoes }) => (undoes === undefined ? [] : [[undoes, id]])));
      return changes.toReversed().map(({ before, after, contents: _contents, ...change }) => ({
        ...change,
        undoneBy: undone.get(change.id),
        undoable:
          !undone.has(change.id) && (before !== undefined || (change.action === 'create' && after !== undefined)),
      }));
    },
    get: async (clusterId, id) => (await changesOf(clusterId)).find((change) => change.id === id),
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
