// The ways in which a run of provisioning is broken, and how each is lifted again. Each is the real thing: processes
// killed, power cut, a file system without a free block, a lock held by another process.
import { execFileSync, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabMachine } from '../../provisioning/index.ts';
import { labUp } from '../../provisioning/index.ts';
import { processesIn } from '../../provisioning/machines/lab/cgroups.ts';
import { onMachine } from '../../provisioning/machines/snapshot.testing.ts';

/** Where a run is broken. */
export interface Site {
  readonly name: string;
  readonly home: string;
  readonly machine: LabMachine;
  readonly console: ChildProcessWithoutNullStreams;
}

/** One way to break a run. */
export interface Fault {
  readonly name: string;
  inject(site: Site): Promise<void> | void;
  lift(site: Omit<Site, 'console'>): Promise<void> | void;
}

const noLift = (): void => undefined;

/** Ends every SSH connection of the machine but the asking one, and leaves the listener; one may just end by itself. */
const cutSsh = `for p in $(pgrep -x sshd); do [ $p = $(systemctl show -p MainPID --value ssh) ] || [ $p = $PPID ] || kill -9 $p 2>/dev/null || true; done`;

/** dpkg's lock is a record lock (fcntl), which no shell tool takes; every Debian has perl. */
const holdLock = `setsid perl -e 'use Fcntl; open(F, ">>", "/var/lib/dpkg/lock-frontend"); fcntl(F, F_SETLKW, pack("s s l! l! l l", F_WRLCK, 0, 0, 0, 0, 0)) or die; sleep 600' </dev/null >/dev/null 2>&1 & echo $! > /run/fault-lock.pid`;

function machineId(home: string, name: string): string {
  const { machines } = JSON.parse(readFileSync(join(home, 'lab', name, 'lab.json'), 'utf8')) as {
    machines: { id: string }[];
  };
  return machines[0]?.id ?? '';
}

const filler = (home: string): string => join(home, 'lab', 'filler');

function removeFillers(home: string): void {
  for (const file of [filler(home), `${filler(home)}.rest`]) rmSync(file, { force: true });
}

const ways: readonly Fault[] = [
  { name: 'SSH cut', inject: ({ machine }): void => void onMachine(machine, cutSsh), lift: noLift },
  { name: 'console killed', inject: ({ console }): void => void console.kill('SIGKILL'), lift: noLift },
  {
    name: 'machine powered off',
    async inject({ home, name }) {
      for (const pid of await processesIn(machineId(home, name))) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
        }
      }
    },
    async lift({ home, name }) {
      await labUp({ name, home, bare: true });
    },
  },
  {
    name: 'disk full',
    async inject({ home }) {
      const free = execFileSync('stat', ['-f', '-c', '%a %S', join(home, 'lab')], { encoding: 'utf8' })
        .split(' ')
        .map(Number);
      const bytes = Math.max(4096, (free[0] ?? 0) * (free[1] ?? 0) - 64 * 2 ** 20); // the file system's own bookkeeping
      execFileSync('fallocate', ['-l', String(bytes), filler(home)]);
      spawnSync('dd', ['if=/dev/zero', `of=${filler(home)}.rest`, 'bs=4k'], { stdio: 'ignore' }); // ends when nothing is left
      // Someone makes room while the run still waits for a service that cannot write.
      await sleep(15_000);
      removeFillers(home);
    },
    lift: ({ home }): void => removeFillers(home),
  },
  {
    name: 'apt lock held',
    async inject({ machine }) {
      onMachine(machine, holdLock);
      // Let go while the run still waits for it: that is all that helps a site, too.
      await sleep(4_000);
      onMachine(machine, 'kill $(cat /run/fault-lock.pid) 2>/dev/null; rm -f /run/fault-lock.pid');
    },
    lift: noLift,
  },
  {
    name: 'clock jump of the console',
    inject: ({ console }): void => void console.stdin.write('jump\n'),
    lift: noLift,
  },
];

/** Every way. */
export function allFaults(): readonly Fault[] {
  return ways;
}

/** A file system of its own for the lab's machines, so that it can be filled without touching this computer's. */
export function mountSmallDisk(home: string): () => void {
  const [image, folder] = [join(home, 'disk.img'), join(home, 'lab')];
  mkdirSync(folder, { recursive: true });
  execFileSync('truncate', ['-s', '16G', image]);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, folder]);
  return () => {
    execFileSync('umount', [folder]);
    rmSync(image, { force: true });
  };
}
