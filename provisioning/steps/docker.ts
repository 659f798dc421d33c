// Docker Engine as the agent wants it: no bridge, no firewall rules, no proxy of its own, containers that survive it.
// A daemon.json that was there is kept and only these settings are changed in it.
import { machineStep, type MachineContext } from '../run/step.ts';
import { filesMatch, findFiles, type FoundFile, type OwnedFile, restoreFiles, writeFiles } from './files.ts';
import { enable, reloadIfChanged } from './unit.ts';

const path = '/etc/docker/daemon.json';

const settings = {
  'live-restore': true,
  bridge: 'none',
  iptables: false,
  'ip-forward': false,
  'userland-proxy': false,
  'log-driver': 'json-file',
};

interface Found {
  readonly files: readonly FoundFile[];
  readonly active: boolean;
  readonly enabled: boolean;
}

async function wantedFile(context: MachineContext): Promise<OwnedFile> {
  return daemonFile(await context.transport.readFile(path));
}

/** daemon.json with our settings in it, and all others of the one that is there. */
export function daemonFile(present: string | undefined): OwnedFile {
  const existing: unknown = present === undefined || present.trim() === '' ? {} : JSON.parse(present);
  return { path, content: `${JSON.stringify({ ...(existing as object), ...settings }, undefined, 2)}\n`, mode: 0o644 };
}

async function succeeds(context: MachineContext, command: string): Promise<boolean> {
  return (await context.transport.exec(command)).code === 0;
}

export const dockerStep = machineStep<Found>({
  kind: 'docker',
  async check(context) {
    const checks = [
      succeeds(context, 'systemctl -q is-active docker && systemctl -q is-enabled docker'),
      wantedFile(context).then((file) => filesMatch(context.transport, [file])),
    ];
    return (await Promise.all(checks)).every(Boolean);
  },
  async record(context) {
    const [files, active, enabled] = await Promise.all([
      findFiles(context.transport, [path]),
      succeeds(context, 'systemctl -q is-active docker'),
      succeeds(context, 'systemctl -q is-enabled docker'),
    ]);
    // Installed by us and not started yet: it goes with its package.
    return { files, active, enabled };
  },
  async apply(context) {
    const after = `
for u in containerd.service docker.service docker.socket; do
  [ "$(readlink /etc/systemd/system/$u)" != /dev/null ] || rm -f /etc/systemd/system/$u
done
${reloadIfChanged('containerd.service', 'docker.service', 'docker.socket')}
${enable('containerd', 'docker')}
systemctl restart containerd docker
i=0; until docker version >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 600 ] || { journalctl -u docker -n 20 --no-pager; exit 1; }; sleep 0.1; done`;
    const { signal, log: onOutput } = context;
    await writeFiles(context.transport, [await wantedFile(context)], { after, signal, onOutput });
  },
  async revert(context, found) {
    await restoreFiles(context.transport, found.files);
    const script = found.active
      ? 'systemctl restart docker'
      : 'systemctl -q stop docker.socket docker.service containerd.service 2>/dev/null || true; ip link delete docker0 2>/dev/null || true; ' +
        'find /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker -depth -type d -exec rmdir {} \\; 2>/dev/null || true';
    await context.transport.run(script, { onOutput: context.log });
    // The package does not know of links that it did not make: its units were masked when it was installed.
    if (!found.enabled)
      await context.transport.run(
        'systemctl -q disable docker.service docker.socket containerd.service 2>/dev/null || true',
      );
  },
});
