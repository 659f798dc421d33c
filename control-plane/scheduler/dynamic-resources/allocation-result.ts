// A claim's allocation as the API keeps it: the chosen devices, the drivers' settings that go with them, and the nodes
// from which they can be used. Pure.
import type { NodeSelector, NodeSelectorTerm } from '../../../api/kinds/core/index.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceClaim,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../../../api/kinds/resource/index.ts';
import type { DeviceNode, PooledDevice } from './device-pools.ts';
import type { DeviceSources } from './ledger.ts';

/** A device and the request, or the alternative of a request, that it meets. */
export interface ChosenDevice {
  readonly name: string;
  readonly request: Readonly<ExactDeviceRequest | DeviceSubRequest>;
  readonly isAdmin: boolean;
  readonly device: PooledDevice;
}

/** Puts an allocation together. */
export function allocationResultOf(
  claim: Readonly<DeviceClaim>,
  chosen: readonly ChosenDevice[],
  node: DeviceNode,
  sources: Pick<DeviceSources, 'deviceClass'>,
): AllocationResult {
  const results = chosen.map(({ name, request, isAdmin, device }) => ({
    request: name,
    driver: device.driver,
    pool: device.pool,
    device: device.device.name,
    ...(isAdmin ? { adminAccess: true } : {}),
    ...(request.tolerations ? { tolerations: [...request.tolerations] } : {}),
  }));
  const config = [...classConfig(chosen, sources), ...claimConfig(claim, chosen)];
  const nodeSelector = nodeSelectorOf(chosen, node);
  return {
    devices: { results, ...(config.length > 0 ? { config } : {}) },
    ...(nodeSelector ? { nodeSelector } : {}),
  } as AllocationResult;
}

/** Each class's settings once, for all requests that use the class. */
function classConfig(
  chosen: readonly ChosenDevice[],
  sources: Pick<DeviceSources, 'deviceClass'>,
): DeviceAllocationConfiguration[] {
  const requests = new Map<string, Set<string>>();
  for (const { name, request } of chosen) {
    const names = requests.get(request.deviceClassName) ?? new Set();
    requests.set(request.deviceClassName, names.add(name));
  }
  return [...requests].flatMap(([className, names]) =>
    (sources.deviceClass(className)?.spec.config ?? []).map(
      ({ opaque }) => ({ source: 'FromClass', requests: [...names], opaque }) as DeviceAllocationConfiguration,
    ),
  );
}

/** The claim's own settings, without those for alternatives that were not chosen. */
function claimConfig(claim: Readonly<DeviceClaim>, chosen: readonly ChosenDevice[]): DeviceAllocationConfiguration[] {
  const names = new Set(chosen.flatMap(({ name }) => [name, name.split('/')[0] ?? name]));
  return (claim.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some((name) => names.has(name)))
    .map(({ opaque, requests }) => ({ source: 'FromClaim', requests, opaque }) as DeviceAllocationConfiguration);
}

/** This node alone when a device is local to it; where devices are reachable from several nodes, what all of them ask. */
function nodeSelectorOf(chosen: readonly ChosenDevice[], node: DeviceNode): NodeSelector | undefined {
  const only: NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.name] }] };
  const merged = new Map<string, { kind: 'matchExpressions' | 'matchFields'; requirement: object }>();
  for (const { device } of chosen) {
    const where = device.slice.spec.perDeviceNodeSelection ? device.device : device.slice.spec;
    if (where.nodeName) return { nodeSelectorTerms: [only] };
    const terms = where.nodeSelector?.nodeSelectorTerms ?? [];
    // Terms are alternatives, which cannot be joined with another device's: this node is in all of them.
    if (terms.length > 1) return { nodeSelectorTerms: [only] };
    for (const kind of ['matchExpressions', 'matchFields'] as const)
      for (const requirement of terms[0]?.[kind] ?? [])
        merged.set(`${kind} ${JSON.stringify(requirement)}`, { kind, requirement });
  }
  if (merged.size === 0) return undefined;
  const pick = (kind: string): object[] =>
    [...merged.values()].filter((one) => one.kind === kind).map(({ requirement }) => requirement);
  const [matchExpressions, matchFields] = [pick('matchExpressions'), pick('matchFields')];
  const term = {
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
    ...(matchFields.length > 0 ? { matchFields } : {}),
  } as NodeSelectorTerm;
  return { nodeSelectorTerms: [term] };
}
