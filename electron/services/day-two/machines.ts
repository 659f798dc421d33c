// Commands on machines: drain, reboot, add, remove, replace. Each is a run. Guarantees: what would break the quorum is
// refused before anything is touched; draining needs the API alone, so it works on every cluster.
import { z } from 'zod';
import type { EtcdMember, LocalText, RunStepState } from '../../../api/console/index.ts';
import { nodes, type Node } from '../../../api/kinds/core/index.ts';
import type { ClusterSpec, ProvisionOptions } from '../../../provisioning/index.ts';
import type * as Provisioning from '../../../provisioning/index.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { machineSchema } from '../commands/provisioning.ts';
import type { Context } from '../context.ts';
import { refusalOf } from '../errors.ts';
import { machineDocument } from '../provisioning/provisioner.ts';
import type { Outcome } from '../provisioning/runs.ts';
import { quorumRefusal } from './quorum-guard.ts';

const provisioning = (): Promise<typeof Provisioning> => import('../../../provisioning/index.ts');
const ofMachine = z.strictObject({ clusterId, name: objectName });
const drainSeconds = 300;

const drainTitle: LocalText = { en: 'Move the pods away', 'zh-CN': '迁走 Pod' };

/** Members of etcd that are on the cluster's machines: none where etcd is somebody else's. */
async function membersOf({ clusters, runs }: Context, id: string): Promise<readonly EtcdMember[]> {
  const members = clusters.get(id).session.health.now.etcdMembers;
  const isExternal = await runs.specOf(id).then(
    ({ settings }) => settings.etcd !== undefined,
    () => false, // built elsewhere: its members may be on its machines
  );
  return isExternal ? [] : members;
}

async function requireQuorum(context: Context, id: string, machine: string, action: 'away' | 'leaves'): Promise<void> {
  const reason = quorumRefusal(await membersOf(context, id), machine, action);
  if (reason !== undefined) {
    throw refusalOf('Conflict', reason, {
      en: 'Bring the lost members back first (Upkeep › Quorum), then repeat it.',
      'zh-CN': '请先恢复丢失的成员（维护 › 法定人数），然后重试。',
    });
  }
}

/** Drains through the API, reporting as one step; fails with the pods that stayed and why. */
async function drain(
  { clusters, clock }: Context,
  { id, name, force, seconds }: { id: string; name: string; force?: boolean; seconds: number },
  { onProgress, signal }: ProvisionOptions,
): Promise<Outcome> {
  const { drainNode } = await provisioning();
  const { client } = clusters.get(id).session;
  const began = clock.now();
  const report = (state: RunStepState, more: { log?: string; message?: LocalText } = {}): void =>
    onProgress?.({
      step: `drain@${name}`,
      machine: name,
      state,
      title: { key: 'drain', values: {}, ...drainTitle },
      elapsedMs: clock.now() - began,
      log: more.log,
      message: more.message && { key: 'drain', values: {}, ...more.message },
    });
  report('running');
  const { evicted, left } = await drainNode(client, name, {
    timeoutMs: seconds * 1000,
    force,
    signal,
    onProgress: (count) => report('running', { log: `${count}` }),
  });
  for (const pod of evicted) report('running', { log: pod });
  if (left.length === 0) {
    report('done');
    return { ok: true };
  }
  const pods = left.map(({ pod, reason }) => `${pod}: ${reason}`).join('; ');
  const message = { en: `Not all pods could leave: ${pods}`, 'zh-CN': `有 Pod 未能离开：${pods}` };
  report('failed', { message });
  return { ok: false, message };
}

async function grown(context: Context, spec: ClusterSpec, drafts: readonly unknown[]): Promise<ClusterSpec> {
  const { createMachineSpec } = await provisioning();
  const added = drafts.map((draft) => createMachineSpec(draft));
  const known = spec.machines.filter(({ name }) => !added.some((machine) => machine.name === name));
  const next = { ...spec, machines: [...known, ...added] };
  await context.runs.remember(next);
  return next;
}

export const machineCommands: CommandsOf<'machines'> = {
  'machines.drain': {
    payload: ofMachine.extend({
      force: z.boolean().optional(),
      timeoutSeconds: z.number().int().min(1).max(86_400).optional(),
    }),
    async run({ clusterId: id, name, force, timeoutSeconds: seconds = drainSeconds }, context) {
      await context.clusters.get(id).session.client.resource<Node>(nodes).get(name); // an unknown name is said at once
      return context.runs.apiTask(id, 'drain', (options) => drain(context, { id, name, force, seconds }, options));
    },
  },
  'machines.reboot': {
    payload: ofMachine.extend({ keepPods: z.boolean().optional() }),
    async run({ clusterId: id, name, keepPods }, context) {
      await requireQuorum(context, id, name, 'away');
      return context.runs.task(id, 'reboot', async (spec, options) => {
        await (await provisioning()).rebootMachine(spec, name, { ...options, keepPods });
        return { ok: true };
      });
    },
  },
  'machines.add': {
    payload: z.strictObject({ clusterId, machines: z.array(machineSchema).min(1).max(1000) }),
    async run({ clusterId: id, machines }, context) {
      const names = new Set(machines.map(({ name }) => name));
      await grown(context, await context.runs.specOf(id), machines.map(machineDocument));
      return context.runs.task(id, 'add', async (spec, options) => {
        const { addMachines, createMachineSpec } = await provisioning();
        const joining = machines.map((machine) => createMachineSpec(machineDocument(machine)));
        const present = { ...spec, machines: spec.machines.filter(({ name }) => !names.has(name)) };
        return addMachines(present, joining, options);
      });
    },
  },
  'machines.remove': {
    payload: ofMachine.extend({ isDead: z.boolean() }),
    async run({ clusterId: id, name, isDead }, context) {
      await requireQuorum(context, id, name, 'leaves');
      return context.runs.task(id, 'remove', async (spec, options) =>
        (await provisioning()).removeMachine(spec, name, { ...options, isDead }),
      );
    },
  },
  'machines.replace': {
    payload: ofMachine.extend({ isDead: z.boolean(), machine: machineSchema }),
    async run({ clusterId: id, name, isDead, machine }, context) {
      if (!isDead) await requireQuorum(context, id, name, 'leaves');
      const spec = await context.runs.specOf(id);
      await grown(context, spec, [machineDocument(machine)]);
      return context.runs.task(id, 'replace', async (present, options) => {
        const { createMachineSpec, replaceMachine } = await provisioning();
        const heir = createMachineSpec(machineDocument(machine));
        return replaceMachine(present, name, heir, { ...options, isDead });
      });
    },
  },
  'machines.guarded': {
    payload: z.strictObject({ clusterId }),
    async run({ clusterId: id }, context) {
      const members = await membersOf(context, id);
      return members.flatMap(({ name: machine }) => {
        const reason = quorumRefusal(members, machine, 'away');
        return reason === undefined ? [] : [{ machine, reason }];
      });
    },
  },
};
