// What this machine is, from /proc, /sys and /etc. Read once when the agent starts, but for what changes.
import { createSocket } from 'node:dgram';
import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, hostname, networkInterfaces } from 'node:os';

export interface MachineFacts {
  readonly hostname: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  readonly bootId: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly kernelVersion: string;
  readonly osImage: string;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', ia32: '386' };

export async function readMachineFacts(): Promise<MachineFacts> {
  const [memory, osRelease, bootId, machineId, systemUuid, kernelVersion] = await Promise.all([
    readFile('/proc/meminfo', 'utf8'),
    readText('/etc/os-release'),
    readText('/proc/sys/kernel/random/boot_id'),
    readText('/etc/machine-id'),
    readText('/sys/class/dmi/id/product_uuid'),
    readText('/proc/sys/kernel/osrelease'),
  ]);
  return {
    hostname: hostname(),
    architecture: architectures[process.arch] ?? process.arch,
    cpus: availableParallelism(),
    memoryBytes: memoryField(memory, 'MemTotal'),
    swapBytes: memoryField(memory, 'SwapTotal'),
    bootId,
    machineId,
    systemUuid: systemUuid === '' ? machineId : systemUuid,
    kernelVersion,
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux',
  };
}

/** A field of /proc/meminfo in bytes; 0 when it is not there. Pure. */
export function memoryField(meminfo: string, name: string): number {
  const kibibytes = meminfo
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.match(/(\d+) kB/)?.[1];
  return kibibytes === undefined ? 0 : Number(kibibytes) * 1024;
}

/** Size and free space of the file system that holds the path. */
export async function diskFacts(
  path: string,
): Promise<{ totalBytes: number; freeBytes: number; inodes: number; freeInodes: number }> {
  const { blocks, bavail, bsize, files, ffree } = await statfs(path);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree };
}

/** This machine's address on the way to a server; for a server on the machine itself, its first address that others can reach. */
export async function addressTowards(server: string): Promise<string> {
  const { hostname: host, port } = new URL(server);
  const socket = createSocket('udp4');
  try {
    // Connecting a datagram socket sends nothing; the kernel only chooses the way.
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(Number(port) || 443, host, resolve);
    });
    const { address } = socket.address();
    return address.startsWith('127.') ? firstAddress() : address;
  } catch {
    return firstAddress(); // an IPv6 server, or no way there yet
  } finally {
    socket.close();
  }
}

/** Interfaces of pods and containers are not the machine's own. */
const madeForPods = /^(ph|docker|br-|veth|cni|flannel|lo)/;

function firstAddress(): string {
  const own = Object.entries(networkInterfaces()).filter(([name]) => !madeForPods.test(name));
  const addresses = own.flatMap(([, list]) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim(); // containers and small machines lack some of these
}
