// The lab's own segment on this computer: a bridge with a private /24, no way out, and nothing that leaks. The pod and
// Service ranges and the segment itself are unreachable here, so a packet for a missing machine goes nowhere.
import { runCommand } from '../../bundle/run-command.ts';
import { addressAt, cidrsOverlap, parseCidr, type Cidr } from '../../plan/cidr.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';
import type { LabState } from './state.ts';

type NetworkOf = Pick<LabState, 'subnetNumber' | 'podCidr' | 'serviceCidr'>;

/** The lab's segment. */
export function subnetOf(lab: Pick<LabState, 'subnetNumber'>): string {
  return `10.213.${lab.subnetNumber}.0/24`;
}

/** The `index`-th address of the segment; 1 is this computer. */
export function labAddress(subnetNumber: number, index: number): string {
  return `10.213.${subnetNumber}.${index}`;
}

/** The bridge's name. */
export function bridgeOf(lab: Pick<LabState, 'subnetNumber'>): string {
  return `phlab${lab.subnetNumber}`;
}

/**
 * Takes a segment that no route or address of this computer overlaps. The lab's own route to it marks it as taken, which
 * only one of several labs that begin at once can add; `removeNetwork` gives it back.
 */
export async function claimSubnet(): Promise<number> {
  const routes = JSON.parse(await runCommand('ip', ['-j', '-4', 'route', 'show', 'table', 'all'])) as readonly {
    readonly dst?: string;
  }[];
  const taken = routes.flatMap(({ dst }) => {
    const range = dst === undefined || dst === 'default' ? undefined : parseCidr(dst.includes('/') ? dst : `${dst}/32`);
    return range === undefined ? [] : [range];
  });
  const isFree = (candidate: Cidr): boolean => taken.every((range) => !cidrsOverlap(range, candidate));
  for (let number = 0; number < 255; number += 1) {
    const candidate = parseCidr(`10.213.${number}.0/24`);
    if (candidate !== undefined && isFree(candidate) && (await claims(number))) return number;
  }
  throw new ProvisioningError('NoSubnet', text('lab.noSubnet'), text('lab.noSubnet.remedy'));
}

async function claims(subnetNumber: number): Promise<boolean> {
  try {
    await runCommand('ip', ['route', 'add', ...unreachableRoute(subnetOf({ subnetNumber }), subnetNumber)]);
    return true;
  } catch (error) {
    ignore('File exists')(error);
    return false;
  }
}

/** Makes what is missing of bridge, address and unreachable routes. */
export async function ensureNetwork(lab: NetworkOf): Promise<void> {
  const bridge = bridgeOf(lab);
  const range = parseCidr(subnetOf(lab));
  if (range === undefined) throw new Error('the lab has no segment');
  for (const route of unreachableRoutes(lab)) await runCommand('ip', ['route', 'replace', ...route]);
  await runCommand('ip', ['link', 'add', bridge, 'type', 'bridge']).catch(ignore('File exists'));
  await runCommand('ip', ['address', 'add', `${addressAt(range, 1)}/24`, 'dev', bridge]).catch(
    ignore('File exists', 'already assigned'),
  );
  await runCommand('ip', ['link', 'set', bridge, 'up']);
  await letMachinesTalk(bridge);
}

/** Removes all of it; finds nothing to do when called twice. */
export async function removeNetwork(lab: NetworkOf): Promise<void> {
  const bridge = bridgeOf(lab);
  await runCommand('ip', ['link', 'delete', bridge]).catch(ignore('Cannot find device'));
  for (const route of unreachableRoutes(lab))
    await runCommand('ip', ['route', 'delete', ...route]).catch(ignore('No such process'));
  if (await hasForwardDrop())
    await runCommand('iptables', ['-D', ...forwardRule(bridge)]).catch(
      ignore('Bad rule', 'does a matching rule exist'),
    );
}

/** A metric of the lab's own makes each route removable by itself, also where several labs share a range. */
function unreachableRoutes(lab: NetworkOf): string[][] {
  return [lab.podCidr, lab.serviceCidr, subnetOf(lab)].map((range) => unreachableRoute(range, lab.subnetNumber));
}

function unreachableRoute(range: string, subnetNumber: number): string[] {
  return ['unreachable', range, 'metric', String(90_000 + subnetNumber)];
}

/** Where this computer's firewall drops forwarded packets, bridged ones between our machines would be dropped too. */
async function letMachinesTalk(bridge: string): Promise<void> {
  if (!(await hasForwardDrop())) return;
  await runCommand('iptables', ['-C', ...forwardRule(bridge)]).catch(() =>
    runCommand('iptables', ['-I', ...forwardRule(bridge)]),
  );
}

function forwardRule(bridge: string): string[] {
  return [
    'FORWARD',
    '-i',
    bridge,
    '-o',
    bridge,
    '-m',
    'comment',
    '--comment',
    `pilothouse lab ${bridge}`,
    '-j',
    'ACCEPT',
  ];
}

async function hasForwardDrop(): Promise<boolean> {
  const rules = await runCommand('iptables', ['-S', 'FORWARD']).catch(() => '');
  return rules.includes('-P FORWARD DROP');
}

function ignore(...fragments: string[]): (error: unknown) => string {
  return (error) => {
    if (error instanceof Error && fragments.some((fragment) => error.message.includes(fragment))) return '';
    throw error;
  };
}
