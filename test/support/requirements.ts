// What a test needs of the machine it runs on. A test whose need is missing is skipped aloud, with the reason in its
// title; on CI as root such a skip is a failure, because there everything can be installed.
import { existsSync, statSync } from 'node:fs';
import { describe } from 'vitest';

export type Requirement = 'root' | 'etcd' | 'docker' | 'registry' | 'chromium' | 'nft' | 'sshd' | 'lab' | 'kubectl';

const isRoot = process.getuid?.() === 0;

function hasProgram(...names: string[]): boolean {
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/usr/bin', '/sbin');
  return names.every((name) =>
    folders.some((folder) => existsSync(`${folder}/${name}`) && statSync(`${folder}/${name}`).isFile()),
  );
}

const reasons: Readonly<Record<Requirement, () => string | undefined>> = {
  root: () => (isRoot ? undefined : 'needs root'),
  etcd: () => (hasProgram('etcd') ? undefined : 'needs etcd (apt-get install etcd-server)'),
  docker: () => (isRoot && hasProgram('dockerd') ? undefined : 'needs root and dockerd (apt-get install docker.io)'),
  registry: () =>
    hasProgram('docker-registry') ? undefined : 'needs docker-registry (apt-get install docker-registry)',
  chromium: () => (hasProgram('chromium') ? undefined : 'needs chromium (apt-get install chromium)'),
  nft: () => (isRoot && hasProgram('nft', 'ip') ? undefined : 'needs root, nftables and iproute2'),
  sshd: () => (hasProgram('sshd') ? undefined : 'needs sshd (apt-get install openssh-server)'),
  lab: () =>
    isRoot && hasProgram('debootstrap', 'systemd-nspawn', 'nft', 'sshd')
      ? undefined
      : 'needs root, debootstrap, systemd-container, nftables and openssh-server',
  kubectl: () =>
    hasProgram('kubectl') ? undefined : 'needs an upstream kubectl, which no registry of this project carries',
};

/** Requirements whose absence is a failure on CI as root; kubectl cannot be installed everywhere. */
const installable = new Set<Requirement>(['root', 'etcd', 'docker', 'registry', 'chromium', 'nft', 'sshd', 'lab']);

/**
 * The `describe` to use for tests that need these things: the real one when all are here, else one that skips with the
 * reason in the title. Throws on CI as root when something installable is missing.
 */
export function requires(...requirements: Requirement[]): typeof describe {
  const missing = requirements.filter((requirement) => reasons[requirement]() !== undefined);
  if (missing.length === 0) return describe;
  const reason = missing.map((requirement) => reasons[requirement]()).join('; ');
  if (process.env['CI'] === 'true' && isRoot && missing.some((requirement) => installable.has(requirement))) {
    throw new Error(`this test must run on CI, but it ${reason}`);
  }
  const skipped = (title: string, ...rest: unknown[]): unknown =>
    Reflect.apply(describe.skip, describe, [`${title} [skipped: ${reason}]`, ...rest]);
  return Object.assign(skipped, describe.skip) as unknown as typeof describe;
}
