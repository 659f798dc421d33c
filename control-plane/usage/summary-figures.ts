// An agent's /stats/summary as usage figures. Network counters become rates against those of the round before. Pure.
import type { Figures } from './round.ts';

interface Measured {
  readonly cpu?: { readonly usageNanoCores?: number };
  readonly memory?: { readonly workingSetBytes?: number };
  readonly network?: { readonly rxBytes?: number; readonly txBytes?: number };
  readonly fs?: { readonly usedBytes?: number };
}

/** The part of https://pkg.go.dev/k8s.io/kubelet/pkg/apis/stats/v1alpha1 that is kept. */
export interface UsageSummary {
  readonly node?: Measured;
  readonly pods?: readonly (Measured & {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly (Measured & { readonly name: string })[];
  })[];
}

/** Received and sent bytes by series, and when they were read (Unix ms). */
export interface Counters {
  readonly time: number;
  readonly bytes: Map<string, number>;
}

/** The figures of a node and its pods; containers only where a pod has several. Fills `now` with the counters it saw. */
export function figuresOf(
  nodeName: string,
  { node, pods = [] }: UsageSummary,
  now: Counters,
  before: Counters | undefined,
): Map<string, Figures> {
  const found = new Map<string, Figures>();
  const add = (series: string, { cpu, memory, network, fs }: Measured): void => {
    if (cpu?.usageNanoCores === undefined) return;
    found.set(series, {
      cpuMilli: cpu.usageNanoCores / 1e6,
      memoryBytes: memory?.workingSetBytes ?? Number.NaN,
      networkBytesPerSecond: network === undefined ? Number.NaN : rateOf(series, network, now, before),
      diskBytes: fs?.usedBytes ?? Number.NaN,
    });
  };
  if (node !== undefined) add(`node/${nodeName}`, node);
  for (const pod of pods) {
    const { namespace, name } = pod.podRef;
    const { containers = [] } = pod;
    add(`pod/${namespace}/${name}`, pod.cpu === undefined ? { ...pod, ...togetherOf(containers) } : pod);
    if (containers.length < 2) continue; // one container is its pod
    for (const container of containers) add(`container/${namespace}/${name}/${container.name}`, container);
  }
  return found;
}

/** What containers use together, where nobody says it of their pod. */
function togetherOf(containers: readonly Measured[]): Pick<Measured, 'cpu' | 'memory'> {
  if (containers.every(({ cpu }) => cpu?.usageNanoCores === undefined)) return {};
  const sum = (pick: (one: Measured) => number | undefined): number =>
    containers.reduce((total, one) => total + (pick(one) ?? 0), 0);
  return {
    cpu: { usageNanoCores: sum(({ cpu }) => cpu?.usageNanoCores) },
    memory: { workingSetBytes: sum(({ memory }) => memory?.workingSetBytes) },
  };
}

function rateOf(
  series: string,
  { rxBytes = 0, txBytes = 0 }: NonNullable<Measured['network']>,
  now: Counters,
  before: Counters | undefined,
): number {
  const bytes = rxBytes + txBytes;
  now.bytes.set(series, bytes);
  const known = before?.bytes.get(series);
  // A counter that fell began anew.
  if (before === undefined || known === undefined || bytes < known || now.time <= before.time) return Number.NaN;
  return ((bytes - known) * 1000) / (now.time - before.time);
}
