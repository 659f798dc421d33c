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
  /** The etcd that the release brings; masters need 3.4, which knows learners. */
  readonly etcdVersion: string;
}

/** What a release's etcd must be for its machines to be masters. */
export const leastEtcdVersion = '3.4';

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

/** Since Debian 13 the daemon only recommends its client. */
const withDockerClient = [...nodePackages, 'docker-cli'];

/** The systems that preflight says yes to. */
export const distros: readonly Distro[] = [
  { id: 'debian', version: '12', codename: 'bookworm', nodePackages, masterPackages, etcdVersion: '3.4' },
  {
    id: 'debian',
    version: '13',
    codename: 'trixie',
    nodePackages: withDockerClient,
    masterPackages,
    etcdVersion: '3.5',
  },
  { id: 'ubuntu', version: '22.04', codename: 'jammy', nodePackages, masterPackages, etcdVersion: '3.3' },
  { id: 'ubuntu', version: '24.04', codename: 'noble', nodePackages, masterPackages, etcdVersion: '3.4' },
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

/** Whether machines of this system can be masters. */
export function canBeMaster(distro: Distro): boolean {
  const [major = 0, minor = 0] = distro.etcdVersion.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastEtcdVersion.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** What every machine needs. Docker refuses to start where the kernel has AppArmor and its tools are absent. */
export function nodePackagesFor(distro: Distro, hasAppArmor: boolean): readonly string[] {
  return hasAppArmor ? [...distro.nodePackages, 'apparmor'] : distro.nodePackages;
}

/** What masters need besides. */
export function masterPackagesFor(distro: Distro): readonly string[] {
  return distro.masterPackages;
}

/** What a machine needs by what it is for. */
export function packagesFor(distro: Distro, role: Role, hasAppArmor: boolean): readonly string[] {
  const forAll = nodePackagesFor(distro, hasAppArmor);
  return role === 'node' ? forAll : [...forAll, ...masterPackagesFor(distro)];
}
