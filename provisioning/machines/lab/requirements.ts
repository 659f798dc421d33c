// What a lab needs of this computer; missing tools are named together with the packages that bring them.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LabMachineKind } from '../../contract.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';

const tools: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  mount: 'mount',
  'ssh-keygen': 'openssh-client',
  'apt-get': 'apt',
};

const vmTools: Readonly<Record<string, string>> = {
  [process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64']:
    process.arch === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86',
  mke2fs: 'e2fsprogs',
};

/** Throws ProvisioningError when this computer cannot hold a lab of such machines. */
export function requireLab(kind: LabMachineKind): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new ProvisioningError('LabUnavailable', text('lab.needsLinuxRoot'), text('lab.needsLinuxRoot.remedy'));
  }
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const needed = kind === 'vm' ? { ...tools, ...vmTools } : tools;
  const missing = Object.keys(needed).filter((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => needed[tool] ?? tool))].join(' ');
  throw new ProvisioningError(
    'ToolMissing',
    text('lab.toolMissing', { tools: missing.join(', ') }),
    text('lab.toolMissing.remedy', { packages }),
  );
}
