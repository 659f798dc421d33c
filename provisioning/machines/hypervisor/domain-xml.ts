// libvirt's definition of a machine (libvirt.org/formatdomain.html). Pure.
import type { NetworkAttachment } from './contract.ts';

/** A machine with its files as they lie on the hypervisor. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly type: 'kvm' | 'qemu';
  readonly arch: 'x86_64' | 'aarch64';
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly disk: string;
  readonly seed: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly mac: string;
  readonly attachment: NetworkAttachment;
  readonly log: string;
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The XML document. */
export function domainXml(domain: Domain): string {
  const { attachment, kernel, initrd, append } = domain;
  const [kind, source] =
    'bridge' in attachment
      ? ['bridge', `bridge='${escape(attachment.bridge)}'`]
      : ['network', `network='${escape(attachment.network)}'`];
  const direct =
    kernel === undefined
      ? `<boot dev='hd'/>`
      : [
          `<kernel>${escape(kernel)}</kernel>`,
          initrd === undefined ? '' : `<initrd>${escape(initrd)}</initrd>`,
          `<cmdline>${escape(append ?? 'root=/dev/vda rw console=ttyS0')}</cmdline>`,
        ].join('');
  const isArm = domain.arch === 'aarch64';
  const cpu = domain.type === 'kvm' ? `<cpu mode='host-passthrough'/>` : `<cpu mode='maximum'/>`;
  return `<domain type='${domain.type}'>
  <name>${escape(domain.name)}</name>
  <uuid>${domain.uuid}</uuid>
  <memory unit='MiB'>${domain.memoryMiB}</memory>
  <vcpu>${domain.cpus}</vcpu>
  <os${isArm && kernel === undefined ? ` firmware='efi'` : ''}><type arch='${domain.arch}' machine='${isArm ? 'virt' : 'q35'}'>hvm</type>${direct}</os>
  <features><acpi/>${isArm ? '' : '<apic/>'}</features>
  ${cpu}
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>restart</on_crash>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/><source file='${escape(domain.disk)}'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${escape(domain.seed)}'/><target dev='vdb' bus='virtio'/><readonly/></disk>
    <interface type='${kind}'><source ${source}/><mac address='${domain.mac}'/><model type='virtio'/></interface>
    <serial type='file'><source path='${escape(domain.log)}'/></serial>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
