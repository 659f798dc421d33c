// What a hypervisor has and what machines need of it: each shortage is a sentence with figure and bar, before anything is made.
import type { Text } from '../../contract.ts';
import { text } from '../../messages/text.ts';
import type { Transport } from '../../transport/contract.ts';
import { quote } from '../../transport/shell.ts';
import type { HypervisorSpec, VirtualMachineSpec } from './contract.ts';

export interface Capacity {
  /** Tools that are missing there. */
  readonly missing: readonly string[];
  /** libvirt's own complaint when it does not answer. */
  readonly libvirt?: string;
  readonly memoryMiB: number;
  readonly diskFreeGiB: number;
  readonly hasNetwork: boolean;
  readonly hasKvm: boolean;
  readonly type: 'kvm' | 'qemu';
  readonly arch: 'x86_64' | 'aarch64';
  /** Image paths that are named and not there. */
  readonly absentImages: readonly string[];
}

/** What machines take of the disk when they are new; it grows with what they write. */
const firstDiskGiB = 2;

/** Asks the hypervisor. */
export async function readCapacity(
  transport: Transport,
  spec: HypervisorSpec,
  machines: readonly VirtualMachineSpec[] = [],
): Promise<Capacity> {
  const { attachment } = spec;
  const network =
    'bridge' in attachment
      ? `[ -d /sys/class/net/${quote(attachment.bridge)}/bridge ]`
      : `virsh net-list --name 2>/dev/null | grep -qxF ${quote(attachment.network)}`;
  const images = machines.flatMap(({ image }) =>
    [image.disk, image.kernel, image.initrd].flatMap((source) =>
      source !== undefined && 'path' in source ? [source.path] : [],
    ),
  );
  const output = await transport.run(`export LC_ALL=C LIBVIRT_DEFAULT_URI=${quote(spec.uri)}
for t in virsh qemu-img; do command -v $t >/dev/null || echo "missing $t"; done
echo "libvirt $(virsh version 2>&1 >/dev/null | tr '\\n' ' ')"
echo "memory $(awk '/MemAvailable/ {print int($2/1024)}' /proc/meminfo)"
d=${quote(spec.folder)}; while [ ! -d "$d" ]; do d=$(dirname "$d"); done
echo "disk $(df -Pk "$d" | awk 'NR==2 {print int($4/1048576)}')"
if ${network}; then echo "network yes"; fi
if virsh domcapabilities --virttype kvm >/dev/null 2>&1; then echo "kvm yes"; fi
echo "arch $(uname -m)"
${[...new Set(images)].map((path) => `[ -f ${quote(path)} ] || echo ${quote(`absent ${path}`)}`).join('\n')}
true`);
  const all = (word: string): string[] =>
    output.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1).trim()] : []));
  const hasKvm = all('kvm').length > 0;
  const complaint = all('libvirt')[0] ?? '';
  return {
    missing: all('missing'),
    ...(complaint === '' ? {} : { libvirt: complaint }),
    memoryMiB: Number(all('memory')[0] ?? 0),
    diskFreeGiB: Number(all('disk')[0] ?? 0),
    hasNetwork: all('network').length > 0,
    hasKvm,
    type: spec.accelerator === 'kvm' || (spec.accelerator === 'auto' && hasKvm) ? 'kvm' : 'qemu',
    arch: all('arch')[0] === 'aarch64' ? 'aarch64' : 'x86_64',
    absentImages: all('absent'),
  };
}

/** Why `machines` cannot be made there; empty when they can. */
export function findProblems(
  capacity: Capacity,
  spec: HypervisorSpec,
  machines: readonly VirtualMachineSpec[],
): Text[] {
  if (capacity.missing.length > 0) return [text('hypervisor.missing', { tools: capacity.missing.join(', ') })];
  if (capacity.libvirt !== undefined) return [text('hypervisor.libvirt', { reason: capacity.libvirt })];
  const problems: Text[] = [];
  const needed = machines.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  if (needed > capacity.memoryMiB)
    problems.push(text('hypervisor.memory', { needed, free: capacity.memoryMiB, count: machines.length }));
  const disk = machines.length * firstDiskGiB;
  if (disk > capacity.diskFreeGiB)
    problems.push(text('hypervisor.disk', { needed: disk, free: capacity.diskFreeGiB, folder: spec.folder }));
  if (!capacity.hasNetwork)
    problems.push(
      text('hypervisor.network', {
        name: 'bridge' in spec.attachment ? spec.attachment.bridge : spec.attachment.network,
      }),
    );
  if (spec.accelerator === 'kvm' && !capacity.hasKvm) problems.push(text('hypervisor.kvm'));
  for (const path of capacity.absentImages) problems.push(text('hypervisor.image', { path }));
  return problems;
}
