// The quality of service of a pod, which decides who is evicted first.
import { compareQuantities, tryParseQuantity } from '../../meta/quantity.ts';
import type { PodSpec } from './pod-spec.ts';

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

/** Guaranteed when every container's limits equal its requests, best effort when none asks for anything. */
export function qualityOfService(spec: PodSpec): QualityOfService {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const asks = spec.resources === undefined ? containers.map(({ resources }) => resources) : [spec.resources];
  const positive = (value: string | undefined): value is string =>
    value !== undefined && (tryParseQuantity(value)?.nanos ?? 0n) > 0n;
  const nothing = asks.every((ask) =>
    counted.every((name) => !positive(ask?.requests?.[name]) && !positive(ask?.limits?.[name])),
  );
  if (nothing) return 'BestEffort';
  const guaranteed = asks.every((ask) =>
    counted.every((name) => {
      const limit = ask?.limits?.[name];
      const request = ask?.requests?.[name] ?? limit;
      return positive(limit) && request !== undefined && compareQuantities(limit, request) === 0;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
