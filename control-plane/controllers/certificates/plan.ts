// What becomes of a certificate signing request: whether it is approved by itself, whether it may be signed and as what,
// and when it is forgotten. Pure; the rules are those of upstream's built-in signers.
import type { CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import { conditionOf } from '../conditions.ts';

/** What a request asks to be named. */
export interface RequestedNames {
  commonName: string;
  organizations: readonly string[];
  dnsNames: readonly string[];
  ipAddresses: readonly string[];
}

export interface SigningPlan {
  usages: ('server' | 'client')[];
  durationSeconds: number;
}

/** What the plan of an open request is made of. */
export interface RequestFacts {
  names: RequestedNames;
  /** What the Node object says of the node that asks: its name and addresses; empty where there is none. */
  nodeNames: readonly string[];
  /** Whether this cluster has an authority to sign with. */
  canSign: boolean;
}

export type RequestPlan =
  | { do: 'forget' }
  | { do: 'approve' }
  | ({ do: 'sign' } & SigningPlan)
  | { do: 'refuse'; message: string }
  | { do: 'wait'; forMs: number };

const yearSeconds = 365 * 86_400;
const hourMs = 3_600_000;
const askAgainMs = 5_000;

const kubeletClient = 'kubernetes.io/kube-apiserver-client-kubelet';
const kubeletServing = 'kubernetes.io/kubelet-serving';
const apiClient = 'kubernetes.io/kube-apiserver-client';
const legacyUnknown = 'kubernetes.io/legacy-unknown';

function isApproved(request: Readonly<CertificateSigningRequest>): boolean {
  return conditionOf(request.status?.conditions, 'Approved')?.status === 'True' && !isDenied(request);
}

function isDenied(request: Readonly<CertificateSigningRequest>): boolean {
  return conditionOf(request.status?.conditions, 'Denied')?.status === 'True';
}

/**
 * Whether a node asks for a certificate of its own: such requests need no administrator. A serving certificate may name
 * only what the Node object says of the node (`nodeNames`: its name and addresses), which the node cannot widen unseen.
 */
export function approvesItself(
  request: Readonly<CertificateSigningRequest>,
  names: RequestedNames,
  nodeNames: readonly string[] = [],
): boolean {
  const { signerName, username = '', groups = [] } = request.spec;
  if (refusalOf(request, names) !== undefined) return false;
  const isSameNode = groups.includes('system:nodes') && username === names.commonName;
  if (signerName === kubeletClient) return groups.includes('system:bootstrappers') || isSameNode;
  if (signerName !== kubeletServing) return false;
  return isSameNode && [...names.dnsNames, ...names.ipAddresses].every((name) => nodeNames.includes(name));
}

/** Why a signer of this cluster may not sign the request; undefined when it may. */
function refusalOf(request: Readonly<CertificateSigningRequest>, names: RequestedNames): string | undefined {
  const { signerName, usages = [] } = request.spec;
  const only = (allowed: readonly string[], needed: string): string | undefined => {
    const other = usages.find((usage) => !allowed.includes(usage));
    if (other) return `usage ${other} is not allowed for ${signerName}`;
    return usages.includes(needed as (typeof usages)[number])
      ? undefined
      : `usage ${needed} is required for ${signerName}`;
  };
  const isNode =
    names.organizations.length === 1 &&
    names.organizations[0] === 'system:nodes' &&
    names.commonName.startsWith('system:node:');
  const hasNames = names.dnsNames.length + names.ipAddresses.length > 0;
  switch (signerName) {
    case apiClient:
      if (names.organizations.includes('system:masters')) return 'the group system:masters cannot be asked for';
      return only(['digital signature', 'key encipherment', 'client auth'], 'client auth');
    case kubeletClient:
      if (!isNode) return 'the subject must be O=system:nodes, CN=system:node:NAME';
      if (hasNames) return 'a client certificate of a node carries no alternative names';
      return only(['digital signature', 'key encipherment', 'client auth'], 'client auth');
    case kubeletServing:
      if (!isNode) return 'the subject must be O=system:nodes, CN=system:node:NAME';
      if (!hasNames) return 'a serving certificate needs an address or a DNS name';
      return only(['digital signature', 'key encipherment', 'server auth'], 'server auth');
    case legacyUnknown:
      return undefined;
    default:
      return `${signerName} is not a signer of this cluster`;
  }
}

/** Whether one of our signers is asked and has not answered, nor has anybody denied it. */
export function isOpen(request: Readonly<CertificateSigningRequest>): boolean {
  const isOurs = [apiClient, kubeletClient, kubeletServing, legacyUnknown].includes(request.spec.signerName);
  const isFailed = conditionOf(request.status?.conditions, 'Failed')?.status === 'True';
  return isOurs && request.status?.certificate === undefined && !isFailed && !isDenied(request);
}

/** The next step of a request; `facts` are asked for only while it is open. */
export function planRequest(
  request: Readonly<CertificateSigningRequest>,
  facts: RequestFacts | undefined,
  nowMs: number,
): RequestPlan {
  const leftMs = expiryMs(request) - nowMs;
  if (leftMs <= 0) return { do: 'forget' };
  if (facts === undefined || !isOpen(request)) return { do: 'wait', forMs: leftMs };
  if (isApproved(request) && facts.canSign) {
    const message = refusalOf(request, facts.names);
    return message === undefined ? { do: 'sign', ...planSigning(request) } : { do: 'refuse', message };
  }
  if (!isApproved(request) && approvesItself(request, facts.names, facts.nodeNames)) return { do: 'approve' };
  // A node may ask before its Node object says its addresses.
  return { do: 'wait', forMs: Math.min(leftMs, askAgainMs) };
}

function planSigning(request: Readonly<CertificateSigningRequest>): SigningPlan {
  const usages: SigningPlan['usages'] = [];
  if (request.spec.usages?.includes('client auth')) usages.push('client');
  if (request.spec.usages?.includes('server auth')) usages.push('server');
  const durationSeconds = Math.min(Math.max(request.spec.expirationSeconds ?? yearSeconds, 600), yearSeconds);
  return { usages, durationSeconds };
}

/** When the request has served its purpose: an hour after it was decided, a day after it was asked. */
function expiryMs(request: Readonly<CertificateSigningRequest>): number {
  const since = (condition: { lastUpdateTime?: string } | undefined): number =>
    Date.parse(condition?.lastUpdateTime ?? request.metadata.creationTimestamp) + hourMs;
  const denied = conditionOf(request.status?.conditions, 'Denied') ?? conditionOf(request.status?.conditions, 'Failed');
  if (denied) return since(denied);
  const approved = conditionOf(request.status?.conditions, 'Approved');
  if (approved && request.status?.certificate) return since(approved);
  return Date.parse(request.metadata.creationTimestamp) + 24 * hourMs;
}
