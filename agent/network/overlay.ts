// The VXLAN device and its static tables, for nodes that are not on one segment. Learning is off: every far end, its
// inner address and MAC follow from the Node objects. Pods keep their MTU; the device's smaller one reaches them by
// path-MTU discovery from their own node.
import { runCommand, ipBatch, ipJson } from './command.ts';
import { macOf } from './cidr.ts';
import { overlayAddressOf, overlayName } from './plan-routes.ts';
import type { RoutePlan } from './plan-routes.ts';

const vxlanId = 4096;
const vxlanPort = 4789;

interface Forwarding {
  readonly mac: string;
  readonly dst?: string;
}

/** Makes the overlay device (or removes it when there is no far end) and its forwarding and neighbour tables. */
export async function syncOverlay(plan: RoutePlan, own: { address: string; podCidr: string }): Promise<void> {
  const links = await ipJson<{ ifname: string }>('link', 'show', 'type', 'vxlan');
  const exists = links.some(({ ifname }) => ifname === overlayName);
  if (plan.overlay.length === 0) {
    if (exists) await ipBatch([`link del ${overlayName}`]);
    return;
  }
  const inner = overlayAddressOf(own.podCidr);
  const device = `local ${own.address} dstport ${vxlanPort} nolearning`;
  await ipBatch([
    ...(exists ? [] : [`link add ${overlayName} address ${macOf(inner)} type vxlan id ${vxlanId} ${device}`]),
    `addr replace ${inner}/32 dev ${overlayName}`,
    `link set ${overlayName} up`,
    ...plan.overlay.map((far) => `neigh replace ${far.inner} lladdr ${far.mac} dev ${overlayName} nud permanent`),
  ]);
  await syncForwarding(plan);
}

async function syncForwarding(plan: RoutePlan): Promise<void> {
  const text = await runCommand('bridge', ['-j', 'fdb', 'show', 'dev', overlayName]);
  const present = (JSON.parse(text || '[]') as Forwarding[]).flatMap(({ mac, dst }) => (dst ? [`${mac} ${dst}`] : []));
  const wanted = plan.overlay.map((far) => `${far.mac} ${far.address}`);
  const line = (verb: string, entry: string): string => {
    const [mac, address] = entry.split(' ');
    return `fdb ${verb} ${mac} dev ${overlayName} dst ${address}`;
  };
  const lines = [
    ...present.filter((entry) => !wanted.includes(entry)).map((entry) => line('del', entry)),
    ...wanted.filter((entry) => !present.includes(entry)).map((entry) => line('append', entry)),
  ];
  if (lines.length > 0) await runCommand('bridge', ['-batch', '-'], lines.join('\n') + '\n');
}
