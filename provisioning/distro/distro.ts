// The differences between the distributions that machines may run, as data behind one small interface.
import type { MachineFacts, Role } from '../contract.ts';

/** One supported system. */
export interface Distro {
  readonly id: 'debian' | 'ubuntu';
  readonly version: string;
  readonly codename: string;
  /** Packages that every machine needs. */
  readonly nodePackages: readonly string[];
  /** Packages that masters need besides. */
  readonly masterPackages: readonly string[];
}

const nodePackages = [
  'docker.io',
  'nftables',
  'iproute2',
  'conntrack',
  'iptables',
  'util-linux',
  'kmod',
  'procps',
  'ca-certificates',
];
const masterPackages = ['etcd-server'];

/** The systems that preflight says yes to. */
export const distros: readonly Distro[] = [
  { id: 'debian', version: '12', codename: 'bookworm', nodePackages, masterPackages },
  { id: 'debian', version: '13', codename: 'trixie', nodePackages, masterPackages },
  { id: 'ubuntu', version: '22.04', codename: 'jammy', nodePackages, masterPackages },
  { id: 'ubuntu', version: '24.04', codename: 'noble', nodePackages, masterPackages },
];

/** The adapter for a machine; undefined when its system is not supported. */
export function distroOf(facts: Pick<MachineFacts, 'osId' | 'osVersion'>): Distro | undefined {
  return distros.find((distro) => distro.id === facts.osId && distro.version === facts.osVersion);
}

/** The system that `name` means: `debian-12`, `bookworm`. */
export function distroNamed(name: string): Distro | undefined {
  return distros.find((distro) => name === `${distro.id}-${distro.version}` || name === distro.codename);
}

/** What a bundle can be made for: every system on every architecture. */
export function targetNames(): string[] {
  return distros.flatMap(({ id, version }) => ['amd64', 'arm64'].map((arch) => `${id}-${version}/${arch}`));
}

/** What a machine needs by what it is for. Docker refuses to start where the kernel has AppArmor and its tools are absent. */
export function packagesFor(distro: Distro, role: Role, hasAppArmor: boolean): readonly string[] {
  const forAll = hasAppArmor ? [...distro.nodePackages, 'apparmor'] : distro.nodePackages;
  return role === 'node' ? forAll : [...forAll, ...distro.masterPackages];
}
