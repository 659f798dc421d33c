// A Docker Engine of a test's own, with its own containerd as on a real machine: its data, state and socket in one
// temporary folder, no bridge, no firewall rules,
// and everything it left (processes, mounts, namespaces) removed by `close`. Tests only.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { waitFor } from '../../machinery/wait.ts';

/** An image with busybox and its applets, for tests. */
export const busyboxImage = 'pilothouse/busybox:test';

export interface DockerDaemon {
  readonly socketPath: string;
  readonly folder: string;
  readonly docker: Docker;
  /** Starts it (again) after `kill` or `stop`. */
  start(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it from running, without ending it, or lets it run on. */
  freeze(isFrozen: boolean): void;
  close(): Promise<void>;
}

/** Starts a daemon and imports the busybox image. */
export async function startDockerDaemon({ liveRestore = true } = {}): Promise<DockerDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-docker-'));
  const socketPath = join(folder, 'docker.sock');
  const docker = new Docker({ socketPath });
  const containerdSocket = join(folder, 'containerd.sock');
  let child: ChildProcess | undefined;
  let containerd: ChildProcess | undefined;

  const startContainerd = async (): Promise<void> => {
    const configPath = join(folder, 'containerd.toml');
    const folders = [`root = "${join(folder, 'containerd')}"`, `state = "${join(folder, 'containerd-run')}"`];
    const plugins = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]';
    await writeFile(
      configPath,
      ['version = 2', ...folders, plugins, '[grpc]', `address = "${containerdSocket}"`, ''].join('\n'),
    );
    const log = await open(join(folder, 'containerd.log'), 'a');
    containerd = spawn('containerd', ['--config', configPath], { stdio: ['ignore', log.fd, log.fd], detached: true });
    await log.close();
    await waitFor(() => access(containerdSocket).then(() => true), { timeoutMs: 30_000, what: 'containerd' });
  };

  const daemon: DockerDaemon = {
    socketPath,
    folder,
    docker,
    async start() {
      const flags = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
      flags.push(
        '--containerd',
        containerdSocket,
        '--pidfile',
        join(folder, 'docker.pid'),
        '--host',
        `unix://${socketPath}`,
        '--bridge',
        'none',
      );
      flags.push('--iptables=false', '--ip-forward=false', '--userland-proxy=false', `--live-restore=${liveRestore}`);
      await rm(join(folder, 'docker.pid'), { force: true });
      const configPath = join(folder, 'daemon.json');
      await writeFile(configPath, '{}');
      const log = await open(join(folder, 'dockerd.log'), 'a');
      child = spawn('dockerd', [...flags, '--config-file', configPath], {
        stdio: ['ignore', log.fd, log.fd],
        detached: true,
      });
      await log.close();
      await waitFor(() => docker.ping(), { timeoutMs: 30_000, what: 'dockerd' });
    },
    async kill(signal) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
    freeze: (isFrozen) => void child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    async close() {
      child?.kill('SIGCONT');
      const left = await docker.listContainers({ all: true }).catch(() => []);
      await Promise.all(
        left.map(({ Id }) =>
          docker
            .getContainer(Id)
            .remove({ force: true, v: true })
            .catch(() => undefined),
        ),
      );
      await daemon.kill('SIGTERM');
      containerd?.kill('SIGTERM');
      await killOwned(folder);
      await unmountUnder(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await startContainerd();
    await daemon.start();
    await importBusybox(docker);
  } catch (error) {
    await daemon.close();
    throw error;
  }
  return daemon;
}

/** Imports the busybox image into an Engine that lacks it. */
export async function importBusybox(docker: Docker): Promise<void> {
  const archive = pack();
  for (const name of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev', 'root', 'www']) {
    archive.entry({ name, type: 'directory', mode: name === 'tmp' ? 0o1777 : 0o755 });
  }
  archive.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\n');
  archive.entry({ name: 'etc/group' }, 'root:x:0:\napp:x:1000:\n');
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile('/usr/bin/busybox'));
  const applets =
    'sh cat ls sleep echo env id nc httpd wget ps kill mount ip hostname dd true false head stat touch mkdir grep trap nslookup sync cp chmod seq';
  for (const applet of applets.split(' ')) {
    archive.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  }
  archive.finalize();
  const [repo, tag] = busyboxImage.split(':');
  const changes = ['CMD ["/bin/sh"]', 'ENV PATH=/bin'];
  const progress = await docker.importImage(Readable.from(archive), { repo, tag, changes });
  for await (const _line of progress) continue;
}

/** Ends containerd and the shims, which name the folder in their command line; nothing else does. */
async function killOwned(folder: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (/^(\S*\/)?containerd/.test(command) && command.includes(folder)) process.kill(Number(pid), 'SIGKILL');
  }
}

async function unmountUnder(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const target of mounts.filter((path) => path.startsWith(folder)).reverse()) {
    await once(spawn('umount', ['-l', target], { stdio: 'ignore' }), 'exit');
  }
}
