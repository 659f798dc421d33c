// The proxy's few chains. None belongs to a Service: a chain stands for a shape (how many endpoints, which policy, which
// affinity timeout), sets the packet's mark to the number of the endpoint, and one map lookup translates. Pure.

/** How packets to one Service port are handled. */
export interface Shape {
  /** `node`: found by node port, without the address. */
  readonly scope: 'address' | 'node';
  /** Endpoints for traffic that may leave the node. */
  readonly cluster: number;
  /** With external traffic policy Local: endpoints on this node, for traffic from outside. */
  readonly local?: number;
  /** Session affinity by client address. */
  readonly affinitySeconds?: number;
}

/** Marks the first packet carries while it is translated; a later chain takes them off before routing. */
export const clusterMark = 0x50000000;
export const localMark = 0x51000000;
/** Marks of endpoints of Services with affinity: derived from the endpoint, so they outlive the agent. */
export const slotMark = 0x60000000;
/** The connection mark that asks for masquerade. */
export const masqueradeMark = 0x4000;

/** FNV-1a of the endpoint, in the slot range. */
export function slotOf(address: string, port: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${address}:${port}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return slotMark + (hash & 0x0fffffff);
}

const prefixOf = (shape: Shape): string => (shape.scope === 'node' ? 'node-' : '');

export function chainName(shape: Shape): string {
  const local = shape.local === undefined ? '' : `-local-${shape.local}`;
  const sticky = shape.affinitySeconds === undefined ? '' : `-sticky-${shape.affinitySeconds}`;
  return `${prefixOf(shape)}pick-${shape.cluster}${local}${sticky}`;
}

const addressKey = 'ip daddr . meta l4proto . th dport';
const nodeKey = 'meta l4proto . th dport';
const clientKey = `ip saddr . ${addressKey}`;

/** The chain of a shape and those it leads to. `pods` is the range whose sources are never masqueraded. */
export function chainsOf(shape: Shape, pods: string): ReadonlyMap<string, readonly string[]> {
  const prefix = prefixOf(shape);
  const chains = new Map<string, readonly string[]>();
  const { local, ...outward } = shape;
  if (shape.affinitySeconds !== undefined) {
    chains.set(`${prefix}resume-${shape.affinitySeconds}`, resumeRules(prefix, shape.affinitySeconds));
  }
  chains.set(chainName(outward), [
    `ip saddr != ${pods} ct mark set ct mark or ${masqueradeMark}`,
    ...pickRules(shape, shape.cluster, clusterMark),
  ]);
  if (local !== undefined) {
    const inside = `goto ${chainName(outward)}`;
    chains.set(chainName(shape), [
      `ip saddr ${pods} ${inside}`,
      `fib saddr type local ${inside}`,
      ...(local === 0 ? ['drop'] : pickRules(shape, local, localMark)),
    ]);
  }
  return chains;
}

function pickRules(shape: Shape, count: number, firstMark: number): string[] {
  const prefix = prefixOf(shape);
  const pick = `meta mark set numgen random mod ${count} offset ${firstMark}`;
  if (shape.affinitySeconds === undefined) return [pick, `goto ${prefix}translate`];
  const key = shape.scope === 'node' ? nodeKey : addressKey;
  return [
    `meta mark set ${clientKey} map @affinity jump ${prefix}resume-${shape.affinitySeconds}`,
    pick,
    `meta mark set ${key} . meta mark map @${prefix}slots`,
    `add @affinity { ${clientKey} timeout ${shape.affinitySeconds}s : meta mark }`,
    `goto ${prefix}translate`,
  ];
}

/** Translation ends the walk when the remembered endpoint still exists; otherwise it is forgotten and a new one picked. */
function resumeRules(prefix: string, seconds: number): string[] {
  return [
    `update @affinity { ${clientKey} timeout ${seconds}s : meta mark }`,
    `jump ${prefix}translate`,
    `delete @affinity { ${clientKey} : meta mark }`,
  ];
}

export const translateRules = {
  translate: [`meta l4proto { tcp, udp, sctp } dnat ip to ${addressKey} . meta mark map @endpoints`],
  'node-translate': [`meta l4proto { tcp, udp, sctp } dnat ip to ${nodeKey} . meta mark map @node-endpoints`],
} as const;

/** Where every new connection is looked up. */
export const dispatchRules: readonly string[] = [
  `${addressKey} vmap @services`,
  `fib daddr type local ip daddr != 127.0.0.0/8 ${nodeKey} vmap @node-ports`,
];

/** What reaches the filter hooks untranslated although it was meant for a Service is refused, not dropped. */
export const refuseRules: readonly string[] = [
  'ct state != new return',
  `${addressKey} @refused goto refuse`,
  `fib daddr type local ${nodeKey} @refused-node-ports goto refuse`,
  'ip daddr @balanced goto refuse', // held by this machine, but nothing of the machine's own answers there
  'ip daddr @service-ranges fib daddr type != local goto refuse',
];

/** Load balancer addresses that only some sources may use; judged before anything is translated. */
export const firewallRules: readonly string[] = [
  `ct state new ${addressKey} @firewalled ${addressKey} . ip saddr != @allowed-sources drop`,
];
