// A pod goes where its resource claims can be met: allocated ones where their devices are, the others where enough free
// devices fit what they ask.
import type { AllocationResult, ResourceClaim } from '../../../api/kinds/resource/index.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Sentence } from '../sentences.ts';
import { allocateDevices, asksOf } from '../dynamic-resources/allocate.ts';
import { matchesNode } from '../dynamic-resources/device-pools.ts';
import { canBeReserved, isMadeFor, isReservedFor, podClaimsOf } from '../dynamic-resources/pod-claims.ts';
import { constantRefusal, refuseEverywhere } from './filter.ts';
import type { Filter, Refusal } from './filter.ts';

const name = 'DynamicResources';
const elsewhere = constantRefusal(name, 'resourceclaim not available on the node', false);
const noDevices = constantRefusal(name, 'cannot allocate all claims', false);

export const dynamicResources: Filter = {
  name,
  prepare(pod, snapshot) {
    if (!pod.pod.spec.resourceClaims?.length) return undefined;
    const { claims, problem } = lookUpClaims(pod, snapshot);
    if (problem) return refuseEverywhere(name, problem.reason, { key: 'claimProblem', values: { ...problem } });
    const bound = claims.filter(({ status }) => status?.allocation);
    const open = claims.filter(({ status }) => !status?.allocation);
    const judge = (node: NodeInfo): { refusal: Refusal; sentence: Sentence } | undefined => {
      const away = bound.find(({ status }) => {
        const selector = status?.allocation?.nodeSelector;
        return selector !== undefined && !matchesNode(selector, node);
      });
      if (away) {
        const values = { node: node.name, claim: away.metadata.name };
        return { refusal: elsewhere, sentence: { key: 'devicesElsewhere', values } };
      }
      if (open.length === 0) return undefined;
      const claimNames = open.map(({ metadata }) => metadata.name).join(', ');
      try {
        if (allocateDevices(open, node, snapshot.devices)) return undefined;
        return {
          refusal: noDevices,
          sentence: { key: 'noDevices', values: { node: node.name, claims: claimNames } },
        };
      } catch (error) {
        const reason = (error as Error).message;
        return {
          refusal: constantRefusal(name, reason, false),
          sentence: { key: 'claimProblem', values: { claim: claimNames, reason } },
        };
      }
    };
    return {
      check: (node) => judge(node)?.refusal,
      explain: (node) => [judge(node)?.sentence].filter((sentence) => sentence !== undefined),
    };
  },
};

/** A pod's claims for which nothing is allocated yet. */
export function openClaimsOf(pod: PodInfo, snapshot: Snapshot): Readonly<ResourceClaim>[] {
  return lookUpClaims(pod, snapshot).claims.filter(({ status }) => !status?.allocation);
}

/** The allocations that a pod's open claims get on a node, by claim key; the same answer as the filter's. */
export function planAllocations(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Map<string, AllocationResult> {
  const open = openClaimsOf(pod, snapshot);
  const results = open.length > 0 ? allocateDevices(open, node, snapshot.devices) : [];
  return new Map(
    open.flatMap(({ metadata }, i) => {
      const result = results?.[i];
      return result ? [[`${pod.namespace}/${metadata.name}`, result]] : [];
    }),
  );
}

interface Problem {
  readonly claim: string;
  readonly reason: string;
  /** The class that is missing, if that is what is wrong. */
  readonly deviceClass?: string;
}

function lookUpClaims(pod: PodInfo, { devices }: Snapshot): { claims: Readonly<ResourceClaim>[]; problem?: Problem } {
  const claims: Readonly<ResourceClaim>[] = [];
  for (const { name: podName, claimName, templateName } of podClaimsOf(pod.pod)) {
    const claim = claimName ? devices.claim(`${pod.namespace}/${claimName}`) : undefined;
    const reason = whyNot(pod, claim, claimName, templateName !== undefined);
    if (reason !== undefined || !claim)
      return { claims, problem: { claim: claimName ?? podName, reason: reason ?? '' } };
    const missing = claim.status?.allocation ? undefined : missingClass(claim, devices.sources.deviceClass);
    if (missing) return { claims, problem: { claim: claim.metadata.name, ...missing } };
    claims.push(claim);
  }
  return { claims };
}

function whyNot(
  pod: PodInfo,
  claim: Readonly<ResourceClaim> | undefined,
  claimName: string | undefined,
  isFromTemplate: boolean,
): string | undefined {
  if (claimName === undefined) return 'waiting for the resourceclaim controller to create it from its template';
  if (!claim) return `resourceclaim "${claimName}" not found`;
  if (isFromTemplate && !isMadeFor(pod.pod, claim)) return `resourceclaim "${claimName}" was not created for the pod`;
  if (claim.metadata.deletionTimestamp) return `resourceclaim "${claimName}" is being deleted`;
  if (claim.status?.allocation && !isReservedFor(pod.pod, claim) && !canBeReserved(claim))
    return `resourceclaim "${claimName}" in use`;
  return undefined;
}

function missingClass(
  claim: Readonly<ResourceClaim>,
  classOf: (name: string) => unknown,
): { reason: string; deviceClass: string } | undefined {
  for (const { name: asked, request } of asksOf(claim.spec.devices ?? {}).flat()) {
    const { deviceClassName: deviceClass } = request;
    if (classOf(deviceClass) === undefined)
      return { reason: `request ${asked}: device class ${deviceClass} does not exist`, deviceClass };
  }
  return undefined;
}
