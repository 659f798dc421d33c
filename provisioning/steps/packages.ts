// Installs etcd (on masters), then Docker and network tools: two steps, so that etcd and the control plane start while the
// far larger Docker is unpacked. From a bundle made on the console's computer when it can serve the machine's system, else
// from the machine's own apt sources. Nothing that is installed starts by itself, and systemd is not made to read all its
// units anew by every package.
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { readFile } from 'node:fs/promises';
import { askingFolder, bundleOf, packagesFrom } from '../bundle/bundle-of-run.ts';
import { fetchDebianPackages, hostDistribution, type PackageBundle } from '../bundle/debian-packages.ts';
import { type Distro, distroOf, masterPackagesFor, nodePackagesFor } from '../distro/distro.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { cacheDir } from '../paths.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import { quote } from '../transport/shell.ts';
import { siteSources } from './site.ts';

interface Found {
  /** Packages that dpkg knew before, in whatever state. */
  readonly packages: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Data folders that were absent or empty, and the mode of those that were there. */
  /** Services of these packages that the machine did not have: kept from starting until a step configures them. */
  readonly masked?: readonly string[];
  readonly emptyFolders: readonly { readonly path: string; readonly mode?: string }[];
}

const parent = '/var/lib/pilothouse/packages';
const folderOf = ({ kind }: Cargo): string => `${parent}/${kind}`;
const listPackages = `dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\n'`;

/**
 * `patient CMD…` waits while another package manager is at work (a former run whose console died, the first boot's
 * upgrades), up to five minutes; then dpkg's own sentence, which names the holder, is the error.
 */
const patience = `patient() {
  n=0
  while :; do
    { if err=$("$@" 2>&1 >&3 </dev/null); then return 0; else code=$?; fi; } 3>&1
    n=$((n+1))
    case "$err" in *"locked by another process"*) ;; *) n=600;; esac
    [ $n -ge 600 ] && { printf '%s\\n' "$err" >&2; return $code; }
    [ $n = 1 ] && printf 'waiting: %s\\n' "$err"
    sleep 0.5
  done
}
`;

/** What one step installs. */
interface Cargo {
  readonly kind: string;
  wanted(distro: Distro, context: MachineContext): readonly string[];
  /** They would start by themselves at the next boot, also when that comes in the middle of a run. */
  readonly services: readonly string[];
  readonly dataFolders: readonly string[];
}

const etcdCargo: Cargo = {
  kind: 'etcd-package',
  wanted: masterPackagesFor,
  services: ['etcd.service'],
  dataFolders: ['/var/lib/etcd'],
};

const dockerCargo: Cargo = {
  kind: 'packages',
  wanted: (distro, { facts }) => nodePackagesFor(distro, facts.hasAppArmor),
  services: ['containerd.service', 'docker.service', 'docker.socket'],
  dataFolders: [
    '/var/lib/docker',
    '/var/lib/containerd',
    '/etc/docker',
    '/etc/containerd',
    '/etc/cni',
    '/run/docker',
    '/run/containerd',
  ],
};

/**
 * Keeps maintainer scripts from starting services before they are configured; our own file only, and gone afterwards.
 * SYSTEMD_OFFLINE keeps them from having systemd run its generators for each package (0.3 s of two processors every time):
 * it reads what is new when it is first asked to start it.
 */
const withoutAutostart = (install: string): string => `
set -e
policy=/usr/sbin/policy-rc.d
# One of ours is left where power went while packages were installed.
if [ -e $policy ] && ! grep -qs 'by pilothouse' $policy; then mv $policy $policy.pilothouse; fi
restore() { rm -f $policy; if [ -e $policy.pilothouse ]; then mv $policy.pilothouse $policy; fi; }
trap restore EXIT
printf '#!/bin/sh\\n# by pilothouse, while it installs\\nexit 101\\n' > $policy; chmod 755 $policy
export DEBIAN_FRONTEND=noninteractive LC_ALL=C SYSTEMD_OFFLINE=1
${patience}
${install}
`;

function wanted(context: MachineContext, cargo: Cargo): readonly string[] {
  const distro = distroOf(context.facts);
  if (distro === undefined) {
    throw new ProvisioningError(
      'UnsupportedOs',
      text('error.unsupportedOs', { machine: context.machine.name, os: context.facts.osName }),
      text('error.unsupportedOs.remedy'),
    );
  }
  return cargo.wanted(distro, context);
}

/** dpkg's two-letter state of every package it knows. */
async function packageStates(context: MachineContext): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (const line of (await context.transport.run(listPackages)).split('\n')) {
    const [state = '', name] = line.split(/ +/);
    if (name !== undefined && state !== 'un') states.set(name, state);
  }
  return states;
}

async function lines(context: MachineContext, script: string): Promise<string[]> {
  return (await context.transport.run(script)).split('\n').filter(Boolean);
}

function readFolder(line: string): Found['emptyFolders'][number] {
  const [path = '', mode] = line.split(' ');
  return { path, mode };
}

/** What the machine lacks: what is there already is not upgraded. */
async function missing(context: MachineContext, cargo: Cargo): Promise<string[]> {
  const states = await packageStates(context);
  return wanted(context, cargo).filter((name) => states.get(name) !== 'ii');
}

/** This file in the folder names the boot in which dpkg ended: until the next, what it wrote is there, on the disk or not. */
const unpacked = 'unpacked-in-boot';
const bootId = '/proc/sys/kernel/random/boot_id';
const sync = 'sync -f /var/lib/dpkg /usr';

/** Whether a run was broken before dpkg ended, or power was lost before all that it wrote was on the disk. */
async function isBroken({ transport }: MachineContext, cargo: Cargo): Promise<boolean> {
  const folder = folderOf(cargo);
  const test = `[ -e ${folder} ] && [ "$(cat ${folder}/${unpacked} 2>/dev/null)" != "$(cat ${bootId})" ]`;
  return (await transport.exec(test)).code === 0;
}

/** True when all that was installed is on the disk. */
export async function isWritten({ transport }: MachineContext): Promise<boolean> {
  return (await transport.exec(`[ ! -e ${parent} ]`)).code === 0;
}

/** Brings what was installed to the disk: nothing of a run that has ended is lost with the power. */
export async function untilWritten({ transport, signal }: MachineContext): Promise<void> {
  const script = `[ -e ${parent} ] || exit 0; ${sync}
for f in ${parent}/*/${unpacked}; do if [ "$(cat "$f" 2>/dev/null)" = "$(cat ${bootId})" ]; then rm -rf "$(dirname "$f")"; fi; done
rmdir ${parent} 2>/dev/null; true`;
  await transport.run(script, { signal });
}

/** What dpkg had installed before this run: what each step brings does not depend on how far the other has come. */
function statusBefore({ cluster, machine, transport }: MachineContext): Promise<string> {
  return cluster.once(
    `dpkg status of ${machine.name}`,
    async () => (await transport.readFile('/var/lib/dpkg/status')) ?? '',
  );
}

/** `status` without what `before` does not name: packages that a broken run began are installed anew. */
const withoutBegun = (status: string, before: ReadonlySet<string>): string =>
  status
    .split('\n\n')
    .filter((stanza) => before.has(/^Package: (.*)$/m.exec(stanza)?.[1] ?? ''))
    .map((stanza) => `${stanza}\n\n`)
    .join('');

async function bundleFor(
  context: MachineContext,
  cargo: Cargo,
  begun: { readonly before: ReadonlySet<string> } | undefined,
): Promise<PackageBundle | undefined> {
  const { cluster, facts } = context;
  const bundle = await bundleOf(cluster);
  const status = begun === undefined ? undefined : withoutBegun(await statusBefore(context), begun.before);
  if (bundle !== undefined) return packagesFrom(bundle, context, wanted(context, cargo), status);
  if (cluster.options.packages === 'none') return undefined;
  const host = await hostDistribution();
  if (host.id !== facts.osId || host.codename !== facts.osCodename) return undefined;
  return fetchDebianPackages(status ?? (await statusBefore(context)), wanted(context, cargo), {
    cacheDir: cacheDir(cluster.options.cacheDir),
    arch: facts.arch,
    signal: context.signal,
    onOutput: context.log,
  });
}

/**
 * Unpacks and configures `bundle`. The folder of its files goes last, when all of it is on the disk, which the step does not
 * wait for: where it is found after a boot, what dpkg calls installed may be empty files.
 */
async function installBundle(
  context: MachineContext,
  cargo: Cargo,
  bundle: PackageBundle,
  isAgain: boolean,
): Promise<void> {
  const folder = folderOf(cargo);
  const archive = pack();
  const stream = Readable.from(archive, { objectMode: false });
  const fill = async (): Promise<void> => {
    for (const file of bundle.files) archive.entry({ name: basename(file) }, await readFile(file));
    archive.finalize();
  };
  await Promise.all([
    context.transport.run(
      withoutAutostart(`rm -rf ${folder}; mkdir -p ${folder}; tar -C ${folder} -xf -
patient dpkg --force-unsafe-io --force-confold ${isAgain ? '' : '--skip-same-version'} -i ${folder}/*.deb
cp ${bootId} ${folder}/${unpacked}; rm -f ${folder}/*.deb
{ ${sync}; rm -rf ${folder}; rmdir --ignore-fail-on-non-empty ${parent}; } </dev/null >/dev/null 2>&1 &`),
      { stdin: stream, signal: context.signal, onOutput: context.log },
    ),
    fill(),
  ]);
}

/**
 * dpkg writes a package's list of files when all of them are unpacked; of one that was cut before that, it would leave
 * behind what is there. Unpacked anew it can be removed whole.
 */
const unpackAgain = (cargo: Cargo, names: readonly string[]): string =>
  names
    .flatMap((name) => [folderOf(cargo), '/var/cache/apt/archives'].map((folder) => `${folder}/${name}_*.deb`))
    .map(
      (files) =>
        `for f in ${files}; do if [ -e "$f" ]; then patient dpkg --force-unsafe-io --force-confold --force-depends --unpack "$f" || true; fi; done`,
    )
    .join('\n');

const installation = (cargo: Cargo): ReturnType<typeof machineStep<Found>> =>
  machineStep<Found>({
    kind: cargo.kind,
    check: async (context) => (await missing(context, cargo)).length === 0 && !(await isBroken(context, cargo)),
    async record(context) {
      const [packages, users, groups, masked, emptyFolders] = await Promise.all([
        packageStates(context),
        lines(context, 'cut -d: -f1 /etc/passwd'),
        lines(context, 'cut -d: -f1 /etc/group'),
        lines(context, `for u in ${cargo.services.join(' ')}; do systemctl cat $u >/dev/null 2>&1 || echo $u; done`),
        lines(
          context,
          `for d in ${cargo.dataFolders.join(' ')}; do [ -n "$(ls -A $d 2>/dev/null)" ] || echo $d $(stat -c %a $d 2>/dev/null); done`,
        ),
      ]);
      return { packages: [...packages.keys()], users, groups, masked, emptyFolders: emptyFolders.map(readFolder) };
    },
    async apply(context, { packages, masked = [] }) {
      const isAgain = await isBroken(context, cargo);
      // A service that its own step has unmasked since stays so.
      const hold = masked.map(
        (unit) => `systemctl cat ${unit} >/dev/null 2>&1 || ln -sfn /dev/null /etc/systemd/system/${unit}`,
      );
      // A run cut in the middle of dpkg leaves packages half configured: finish those first. Some may wait for others that
      // did not come any more: they come now.
      const finish = `if dpkg --audit | grep -q .; then patient dpkg --configure -a --force-confold${isAgain ? ' || true' : ''}; fi`;
      await context.transport.run(`${hold.join('\n')}\n${withoutAutostart(finish)}`, {
        signal: context.signal,
        onOutput: context.log,
      });
      // A run cut between the last package and its journal's line.
      if (!isAgain && (await missing(context, cargo)).length === 0) return;
      const bundle = await bundleFor(context, cargo, isAgain ? { before: new Set(packages) } : undefined);
      if (bundle !== undefined) return installBundle(context, cargo, bundle, isAgain);
      const mirror = `own=; [ ! -e ${siteSources} ] || own='-o Dir::Etc::sourcelist=${siteSources} -o Dir::Etc::sourceparts=-'\n`;
      const install = `${mirror}apt-get -q $own update </dev/null && apt-get -y -q $own -o DPkg::Lock::Timeout=300 --no-install-recommends --fix-broken install ${(await missing(context, cargo)).join(' ')} </dev/null`;
      await context.transport.run(withoutAutostart(install), { signal: context.signal, onOutput: context.log });
    },
    async revert(context, found) {
      const before = new Set(found.packages);
      const states = [...(await packageStates(context))].filter(([name]) => !before.has(name));
      const run = (script: string): Promise<string> => context.transport.run(script, { onOutput: context.log });
      await run(withoutAutostart('true')); // puts back what a power cut left of it
      if (states.length > 0) {
        const ours = found.masked ?? cargo.services;
        const stop = ours.length === 0 ? '' : `systemctl stop ${ours.join(' ')} 2>/dev/null\n`;
        const cut = states.filter(([, state]) => state[1] === 'H').map(([name]) => name);
        const purge = states.map(([name]) => quote(name)).join(' ');
        const remove = `patient dpkg --force-unsafe-io --force-remove-reinstreq --purge ${purge}`;
        await run(stop + withoutAutostart(`${unpackAgain(cargo, cut)}\n${remove}`));
      }
      await run(
        [
          ...found.emptyFolders.map(({ path, mode }) =>
            mode === undefined
              ? `rm -rf ${path}`
              : `mkdir -p ${path} && find ${path} -xdev -mindepth 1 -delete; chmod ${mode} ${path}`,
          ),
          `for u in etcd; do case " ${found.users.join(' ')} " in *" $u "*) ;; *) getent passwd $u >/dev/null && userdel $u || true;; esac; done`,
          `for g in docker etcd; do case " ${found.groups.join(' ')} " in *" $g "*) ;; *) getent group $g >/dev/null && groupdel $g || true;; esac; done`,
          ...(found.masked ?? []).map(
            (unit) => `[ "$(readlink /etc/systemd/system/${unit})" != /dev/null ] || rm -f /etc/systemd/system/${unit}`,
          ),
          // A dpkg that was cut leaves what it had open of a package or of its status; the next would remove it.
          `grep -qsx dpkg /proc/[0-9]*/comm || rm -rf /var/lib/dpkg/tmp.ci /var/lib/dpkg/updates/tmp.i`,
          `rm -rf ${folderOf(cargo)} ${askingFolder}; rmdir --ignore-fail-on-non-empty ${parent} 2>/dev/null; systemctl daemon-reload`,
          // systemd remembers that a service failed also when the service is gone.
          ...(found.masked ?? []).map((unit) => `systemctl reset-failed ${unit} 2>/dev/null || true`),
        ].join('\n'),
      );
    },
  });

/** etcd alone, for masters. */
export const etcdPackageStep = installation(etcdCargo);

/** Docker and what pods' networks need. */
export const packagesStep = installation(dockerCargo);
