// Debian packages that set-up needs, and how they come: with apt when we are root on Debian or Ubuntu, else by naming
// them and the command. Services that packages bring are not started: policy-rc.d says no while apt runs.
import { existsSync, readFileSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { runCommand } from './run-command.mjs';
import { SetupError, stage } from './progress.mjs';

/** Packages by purpose; `console` is what the window needs, `lab` what makes machines, `test` what tests drive. */
export const packagesFor = {
  console: ['chromium', 'fonts-wqy-zenhei'],
  lab: [
    'debootstrap',
    'systemd-container',
    'openssh-server',
    'openssh-client',
    'nftables',
    'iproute2',
    'busybox-static',
    'xz-utils',
  ],
  test: [
    'docker.io',
    'docker-registry',
    'etcd-server',
    'etcd-client',
    'iptables',
    'conntrack',
    'bind9-dnsutils',
    'iputils-ping',
  ],
  vm: ['qemu-system-x86', 'qemu-utils', 'e2fsprogs', 'libvirt-daemon-system', 'libvirt-clients'],
};

export const isRoot = () => process.getuid?.() === 0;

/** Whether apt can install here: root, on Debian or Ubuntu. */
export function canInstall() {
  if (!isRoot() || !existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** The packages of this list that dpkg does not have installed; all of them where there is no dpkg. */
export async function missingPackages(names) {
  if (!existsSync('/usr/bin/dpkg-query')) return names;
  const listed = await runCommand('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n']);
  const installed = new Set(
    listed
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

async function withoutStartingServices(run) {
  const policy = '/usr/sbin/policy-rc.d';
  const kept = `${policy}.pilothouse-kept`;
  if (existsSync(policy)) await rename(policy, kept);
  await writeFile(policy, '#!/bin/sh\nexit 101\n');
  await chmod(policy, 0o755);
  try {
    return await run();
  } finally {
    await rm(policy, { force: true });
    if (existsSync(kept)) await rename(kept, policy);
  }
}

/**
 * Makes sure that the packages of these purposes are here. Answers the ones still missing (none after an install);
 * throws a SetupError with the exact command when `required` and they cannot be installed.
 */
export async function ensurePackages(purposes, { required }) {
  const missing = await missingPackages(purposes.flatMap((purpose) => packagesFor[purpose]));
  if (missing.length === 0) return [];
  if (!canInstall()) {
    if (!required) return missing;
    throw new SetupError(
      `These Debian packages are missing: ${missing.join(', ')}.`,
      `sudo apt-get update && sudo apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => runCommand('apt-get', ['-y', '-q', '--no-install-recommends', 'install', ...missing], { env });
  await stage(`Install ${missing.length} Debian packages: ${missing.join(' ')}`, () =>
    withoutStartingServices(async () => {
      await runCommand('apt-get', ['-q', 'update'], { env });
      await install();
    }),
  );
  return [];
}
