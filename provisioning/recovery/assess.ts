// What is left of a cluster's quorum, and what can be done about it: asked of every master, changed nowhere.
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { requireOwnEtcd } from '../external-etcd/own.ts';
import { text } from '../messages/text.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import { createStages } from '../run/stages.ts';
import { type MemberFacts, memberFacts } from './etcd-data.ts';
import { openMasters, type OpenMasters } from './masters.ts';

export interface MasterAssessment extends Partial<MemberFacts> {
  readonly name: string;
  readonly address: string;
  readonly isReachable: boolean;
  readonly reason?: string;
}

/**
 * `healthy`: every master works. `at-risk`: the quorum holds, but not every master does. `lost`: no leader, and some master
 * still holds data. `gone`: no reachable master holds data, only a backup helps.
 */
export type QuorumState = 'healthy' | 'at-risk' | 'lost' | 'gone';

export interface QuorumAssessment {
  readonly state: QuorumState;
  readonly masters: readonly MasterAssessment[];
  /** Masters to recover from, the one that knows most first. */
  readonly survivors: readonly string[];
}

/** Asks every master that can be reached; throws ProvisioningError `ExternalEtcd` where none holds a member. */
export async function assessQuorum(spec: ClusterSpec, options: RunOptions = {}): Promise<QuorumAssessment> {
  requireOwnEtcd(spec);
  const masters = await openMasters(spec, options);
  try {
    return await assess(spec, masters, options);
  } finally {
    masters.close();
  }
}

/** The same of masters that are open already. */
export async function assess(
  spec: ClusterSpec,
  masters: OpenMasters,
  options: RunOptions = {},
): Promise<QuorumAssessment> {
  const stages = createStages(options.onProgress, 'recover');
  const found = await stages.run('assess', text('recover.assess'), () =>
    Promise.all(
      masters.open.map(async ({ machine, transport }): Promise<MasterAssessment> => {
        const facts = await memberFacts(transport, options.signal);
        return { name: machine.name, address: machine.address, isReachable: true, ...facts };
      }),
    ),
  );
  const lost = masters.lost.map(({ machine, reason }): MasterAssessment => {
    return { name: machine.name, address: machine.address, isReachable: false, reason };
  });
  const order = mastersOf(spec).map(({ name }) => name);
  const all = [...found, ...lost].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return judgeQuorum(all);
}

/** The judgement from what the masters said. Pure. */
export function judgeQuorum(masters: readonly MasterAssessment[]): QuorumAssessment {
  const survivors = masters
    .filter(({ isReachable, hasData }) => isReachable && hasData === true)
    .sort((a, b) => (b.revision ?? 0) - (a.revision ?? 0) || (b.lastWriteMs ?? 0) - (a.lastWriteMs ?? 0))
    .map(({ name }) => name);
  const working = masters.filter(({ hasLeader }) => hasLeader === true).length;
  const state: QuorumState =
    working === masters.length ? 'healthy' : working > 0 ? 'at-risk' : survivors.length > 0 ? 'lost' : 'gone';
  return { state, masters, survivors };
}
