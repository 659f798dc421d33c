// On which nodes a DaemonSet's pods belong, and what makes a pod belong to a node. Pure.
import type { DaemonSet } from '../../../api/kinds/apps/index.ts';
import type { Node, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../../api/kinds/core/index.ts';
import { firstUntolerated } from '../../scheduler/filters/tolerations.ts';
import { compileNodeTerm } from '../../scheduler/snapshot/terms.ts';

/** What every daemon pod puts up with, so that it runs where others must leave. */
function daemonTolerations(isHostNetwork: boolean): Toleration[] {
  const on = (reason: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
    key: `node.kubernetes.io/${reason}`,
    operator: 'Exists',
    effect,
  });
  return [
    on('not-ready', 'NoExecute'),
    on('unreachable', 'NoExecute'),
    on('disk-pressure', 'NoSchedule'),
    on('memory-pressure', 'NoSchedule'),
    on('pid-pressure', 'NoSchedule'),
    on('unschedulable', 'NoSchedule'),
    ...(isHostNetwork ? [on('network-unavailable', 'NoSchedule')] : []),
  ];
}

/** The template's pod with the tolerations of daemons, bound by affinity to one node: the scheduler places it there. */
export function daemonPodSpec(spec: Readonly<PodSpec>, nodeName: string): PodSpec {
  const tolerations = [...(spec.tolerations ?? [])];
  for (const toleration of daemonTolerations(spec.hostNetwork === true)) {
    if (!tolerations.some(({ key, effect }) => key === toleration.key && effect === toleration.effect))
      tolerations.push(toleration);
  }
  const term: NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
  };
  return { ...structuredClone(spec as PodSpec), tolerations, affinity: { ...spec.affinity, nodeAffinity } };
}

/** The node that a daemon pod runs on or was made for. */
export function nodeNameOf(pod: Readonly<Pod>): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  for (const { matchFields } of pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    ?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0];
    }
  }
  return undefined;
}

/** Whether a new pod belongs on the node, and whether one that runs there may stay. */
export function belongsOn(
  daemonSet: Readonly<DaemonSet>,
  node: Readonly<Node>,
): { mayStart: boolean; mayStay: boolean } {
  const { spec } = daemonSet.spec.template;
  const { name, labels = {} } = node.metadata;
  if (spec === undefined) return { mayStart: false, mayStay: false };
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isChosen =
    (!spec.nodeName || spec.nodeName === name) &&
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms === undefined || terms.some((term) => compileNodeTerm(term)(labels, name)));
  if (!isChosen) return { mayStart: false, mayStay: false };
  const tolerations = [...(spec.tolerations ?? []), ...daemonTolerations(spec.hostNetwork === true)];
  const taints = [...(node.spec?.taints ?? [])];
  if (node.spec?.unschedulable) taints.push({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' });
  return {
    mayStart: firstUntolerated(taints, tolerations, new Set(['NoSchedule', 'NoExecute'])) === undefined,
    mayStay: firstUntolerated(taints, tolerations, new Set(['NoExecute'])) === undefined,
  };
}
