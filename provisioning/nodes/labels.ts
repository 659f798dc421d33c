// Labels and taints of a node. A label is also written into the cluster's own description and the agent's flags, so that
// it is the same after the node registers anew; taints live in the API alone.
import { writeFile } from 'node:fs/promises';
import { formatClusterFile } from '../cluster-file.ts';
import type { ClusterSpec, ProvisionOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { planMachines } from '../plan/plan-cluster.ts';
import { runPlan } from '../run/run-plan.ts';
import { machineOf, reported, withClient } from './cluster-session.ts';
import { ask, readNode, type Taint } from './node-requests.ts';

const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value` sets, `key-` takes away; undefined values are taken away. Throws ProvisioningError `BadLabel`. */
export function parseLabels(words: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(
    words.map((word) => {
      const [key = '', value] = word.endsWith('-') ? [word.slice(0, -1)] : splitOnce(word, '=');
      if (!labelKey.test(key) || (value === undefined && !word.endsWith('-')) || !labelValue.test(value ?? ''))
        throw bad(word, 'KEY=VALUE, KEY-');
      return [key, value];
    }),
  );
}

/** `key[=value]:Effect` sets, `key[:Effect]-` takes away. Throws ProvisioningError `BadLabel`. */
export function parseTaint(word: string): Taint & { readonly isGone: boolean } {
  const isGone = word.endsWith('-');
  const [left = '', effect = ''] = splitOnce(isGone ? word.slice(0, -1) : word, ':');
  const [key = '', value] = splitOnce(left, '=');
  if (!labelKey.test(key) || !labelValue.test(value ?? '') || (effect === '' ? !isGone : !effects.includes(effect)))
    throw bad(word, `KEY=VALUE:${effects.join('|')}, KEY:EFFECT-, KEY-`);
  return { key, ...(value === undefined ? {} : { value }), effect, isGone };
}

/** The taints after the changes: one per key and effect. Pure. */
export function changedTaints(present: readonly Taint[], changes: readonly ReturnType<typeof parseTaint>[]): Taint[] {
  return changes.reduce<Taint[]>(
    (taints, { isGone, ...change }) => {
      const isSame = (taint: Taint): boolean =>
        taint.key === change.key && (change.effect === '' || taint.effect === change.effect);
      const others = taints.filter((taint) => !isSame(taint));
      return isGone ? others : [...others, change];
    },
    [...present],
  );
}

/** Sets and removes labels of a machine; resolves with the cluster as it is described from now on. */
export async function labelMachine(
  spec: ClusterSpec,
  name: string,
  labels: Readonly<Record<string, string | undefined>>,
  options: ProvisionOptions = {},
): Promise<ClusterSpec> {
  const machine = machineOf(spec, name);
  const merged = Object.entries({ ...machine.labels, ...labels }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const labelled: ClusterSpec = {
    ...spec,
    machines: spec.machines.map((each) => (each === machine ? { ...each, labels: Object.fromEntries(merged) } : each)),
  };
  await reported(options, 'label', name, text('step.label'), async () => {
    const patch = { metadata: { labels: Object.fromEntries(Object.entries(labels).map(([k, v]) => [k, v ?? null])) } };
    await withClient(spec, options, (client) => ask(client, 'PATCH', `/api/v1/nodes/${name}`, patch, options.signal));
    await writeFile(clusterPaths(spec.name, options.home).clusterFile, formatClusterFile(labelled), { mode: 0o600 });
  });
  const plan = planMachines(labelled, [name]);
  const agentOnly = {
    ...plan,
    steps: plan.steps.filter((step) => step.kind === 'agent').map((step) => ({ ...step, needs: [] })),
  };
  const run = await runPlan(agentOnly, labelled, options);
  if (!run.ok) throw new Error(run.steps.find((step) => step.error !== undefined)?.error ?? 'cancelled');
  return labelled;
}

/** Changes a node's taints. */
export async function taintMachine(
  spec: ClusterSpec,
  name: string,
  changes: readonly ReturnType<typeof parseTaint>[],
  options: ProvisionOptions = {},
): Promise<readonly Taint[]> {
  machineOf(spec, name);
  return reported(options, 'taint', name, text('step.taint'), () =>
    withClient(spec, options, async (client) => {
      for (;;) {
        const node = await readNode(client, name, options.signal);
        const taints = changedTaints(node?.spec?.taints ?? [], changes);
        const patch = { metadata: { resourceVersion: node?.metadata.resourceVersion }, spec: { taints } };
        const { status } = await ask(client, 'PATCH', `/api/v1/nodes/${name}`, patch, options.signal);
        if (status !== 409) return taints; // 409: someone else changed the node in between
      }
    }),
  );
}

function splitOnce(word: string, separator: string): [string, string?] {
  const at = word.indexOf(separator);
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function bad(word: string, form: string): ProvisioningError {
  return new ProvisioningError('BadLabel', text('error.badLabel', { word }), text('error.badLabel.remedy', { form }));
}
