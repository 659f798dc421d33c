// Requests and limits in the kernel's units. Pure; upstream's MilliCPUToShares and MilliCPUToQuota.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { quantityToBytes, quantityToMilli } from '../../../api/meta/quantity.ts';
import type { ContainerResources } from '../../runtime/container-runtime.ts';
import { oomScoreAdjustOf } from '../plan/qos.ts';

const sharesPerCpu = 1024;
const fewestShares = 2;
const mostShares = 262_144;
export const quotaPeriodMicros = 100_000;
const smallestQuotaMicros = 1000;

export interface ResourceFacts {
  readonly machineMemoryBytes: number;
  readonly podPidsLimit?: number;
}

export function cpuSharesOf(milliCpu: number): number {
  return Math.min(Math.max(Math.trunc((milliCpu * sharesPerCpu) / 1000), fewestShares), mostShares);
}

/** The time in each period that a limit in thousandths of a processor is worth. */
export function quotaMicrosOf(milliCpu: number): number {
  return Math.max(Math.trunc((milliCpu * quotaPeriodMicros) / 1000), smallestQuotaMicros);
}

export function containerResources(pod: Readonly<Pod>, container: Container, facts: ResourceFacts): ContainerResources {
  const { requests, limits } = container.resources ?? {};
  const cpuLimitMilli = quantityToMilli(limits?.['cpu'] ?? '0');
  const cpuRequestMilli = requests?.['cpu'] === undefined ? cpuLimitMilli : quantityToMilli(requests['cpu']);
  const memoryBytes = quantityToBytes(limits?.['memory'] ?? '0');
  return {
    cpuShares: cpuSharesOf(cpuRequestMilli),
    ...(cpuLimitMilli > 0 && {
      cpuPeriodMicros: quotaPeriodMicros,
      cpuQuotaMicros: quotaMicrosOf(cpuLimitMilli),
    }),
    ...(memoryBytes > 0 && { memoryBytes }),
    ...(facts.podPidsLimit !== undefined && { pidsLimit: facts.podPidsLimit }),
    oomScoreAdjust: oomScoreAdjustOf(pod, container, facts.machineMemoryBytes),
  };
}
