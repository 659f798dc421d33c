// Guided recovery of a quorum that is lost for good, from a master that survived: it becomes the only member, with all it
// knows; reachable masters join again one by one as learners; masters that are lost leave the cluster. Data is set aside,
// never thrown away. Running it again goes on where it stopped: what is done already is found done.
import { writeFile } from 'node:fs/promises';
import { systemClock } from '../../machinery/clock.ts';
import { formatClusterFile } from '../cluster-file.ts';
import type { ClusterSpec, ProvisionOptions, RunResult } from '../contract.ts';
import { requireOwnEtcd } from '../external-etcd/own.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { planCluster } from '../plan/plan-cluster.ts';
import { adminClient, waitForApi } from '../run/api.ts';
import { persist } from '../run/persist.ts';
import { runPlan } from '../run/run-plan.ts';
import { createStages } from '../run/stages.ts';
import { listMembers } from '../steps/etcd-members.ts';
import { unitLogOf } from '../steps/unit.ts';
import { assess } from './assess.ts';
import {
  copyAside,
  forceNewCluster,
  memberFacts,
  setAside,
  startControlPlane,
  startEtcd,
  stopMaster,
} from './etcd-data.ts';
import { openMasters, type OpenMaster } from './masters.ts';
import { reachableSpec } from './reachable.ts';

export interface RecoverOptions extends ProvisionOptions {
  /** The master to recover from; default the one that knows most. */
  readonly from?: string;
}

export interface RecoverResult {
  readonly ok: boolean;
  readonly from: string;
  /** Masters that joined again. */
  readonly rejoined: readonly string[];
  /** Masters that left the cluster with what they held. */
  readonly forgotten: readonly string[];
  readonly spec: ClusterSpec;
  readonly followed: RunResult;
}

const markPrefix = 'recovery-';

/** Recovers the quorum. Throws ProvisioningError `ExternalEtcd`, `QuorumHolds` when it is not lost, `NoSurvivor` when only a backup helps. */
export async function recoverQuorum(spec: ClusterSpec, options: RecoverOptions = {}): Promise<RecoverResult> {
  requireOwnEtcd(spec);
  const { signal } = options;
  const stages = createStages(options.onProgress, 'recover');
  const masters = await openMasters(spec, { ...options, lock: true });
  let survivor: OpenMaster;
  let others: readonly OpenMaster[];
  const lost = masters.lost.map(({ machine }) => machine.name);
  try {
    const assessment = await assess(spec, masters, options);
    const cut = await findCutRun(masters.open, lost.length);
    if (cut === undefined && (assessment.state === 'healthy' || assessment.state === 'at-risk')) {
      const machine = assessment.masters.find(({ hasLeader }) => hasLeader === true)?.name ?? '';
      throw new ProvisioningError(
        'QuorumHolds',
        text('error.recover.quorum', { machine }),
        text('error.recover.quorum.remedy'),
      );
    }
    if (assessment.state === 'gone')
      throw new ProvisioningError(
        'NoSurvivor',
        text('error.recover.noSurvivor'),
        text('error.recover.noSurvivor.remedy'),
      );
    const from = cut?.name ?? options.from ?? assessment.survivors[0] ?? '';
    const chosen = masters.open.find(({ machine }) => machine.name === from);
    if (chosen === undefined || !assessment.survivors.includes(from)) {
      const values = { machine: from };
      throw new ProvisioningError('NoSurvivor', text('error.recover.from', values), text('error.recover.from.remedy'));
    }
    survivor = chosen;
    others = masters.open.filter((master) => master !== chosen);
    const mark = cut?.mark ?? `${markPrefix}${systemClock.now()}`;
    if (cut === undefined) {
      await stages.run('force', text('recover.force', { machine: from }), async () => {
        await Promise.all(masters.open.map(({ transport }) => stopMaster(transport, signal)));
        await copyAside(survivor.transport, mark, signal);
        await forceNewCluster(survivor.transport, signal);
      });
    } else {
      await startEtcd(survivor.transport, signal);
    }
    // From here on the others' data is of a cluster that is no more.
    for (const { transport } of others) {
      if ((await memberFacts(transport, signal)).hasLeader === true) continue;
      await stopMaster(transport, signal);
      await setAside(transport, mark, signal);
    }
    await stages.run('api', text('recover.api', { machine: from }), async () => {
      await startControlPlane(survivor.transport, signal);
      await waitForApi({ spec, paths: clusterPaths(spec.name, options.home) }, survivor.machine, {
        signal: signal ?? new AbortController().signal,
        timeoutMs: 180_000,
        log: () => unitLogOf(survivor.transport, 'pilothouse-control-plane'),
      });
    });
  } finally {
    masters.close();
  }
  const remaining: ClusterSpec = { ...spec, machines: spec.machines.filter(({ name }) => !lost.includes(name)) };
  // The ordinary plan brings the others back: their etcd step joins a running cluster, as a learner first.
  const reachable = await reachableSpec(remaining, options);
  const followed = await runPlan(planCluster(reachable), reachable, options);
  if (lost.length > 0) {
    await stages.run('forget', text('recover.forget', { machines: lost.join(', ') }), async () => {
      await forgetNodes(spec, remaining, lost, options);
      await writeFile(clusterPaths(spec.name, options.home).clusterFile, formatClusterFile(remaining), { mode: 0o600 });
    });
  }
  return {
    ok: followed.ok,
    from: survivor.machine.name,
    rejoined: others.map(({ machine }) => machine.name),
    forgotten: lost,
    spec: remaining,
    followed,
  };
}

/** The master that an earlier run made the only member before it was cut, and the mark of that run. */
async function findCutRun(
  open: readonly OpenMaster[],
  lost: number,
): Promise<{ readonly name: string; readonly mark: string } | undefined> {
  if (open.length + lost < 2) return undefined;
  for (const { machine, transport } of open) {
    const kept = await transport.exec(`cd /var/lib/pilothouse && ls -d etcd.before-${markPrefix}*`);
    const mark = /etcd\.before-(\S+)/.exec(kept.stdout)?.[1];
    if (mark === undefined || (await memberFacts(transport)).hasLeader !== true) continue;
    const members = await listMembers(transport);
    if (members.length === 1 && members[0]?.name === machine.name) return { name: machine.name, mark };
  }
  return undefined;
}

/** Node objects of machines that are gone; their pods move. */
async function forgetNodes(
  spec: ClusterSpec,
  remaining: ClusterSpec,
  lost: readonly string[],
  options: RecoverOptions,
): Promise<void> {
  const client = await adminClient({ spec: remaining, paths: clusterPaths(spec.name, options.home) });
  try {
    for (const name of lost) {
      await persist(options.signal, 60_000, async () => {
        const response = await client.request({
          method: 'DELETE',
          path: `/api/v1/nodes/${name}`,
          signal: options.signal,
        });
        await response.text();
        if (response.status >= 500) throw new Error(`DELETE node ${name}: ${response.status}`);
      });
    }
  } finally {
    client.close();
  }
}
