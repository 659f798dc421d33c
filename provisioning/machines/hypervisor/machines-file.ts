// Reads the file of virtual machines (YAML). What is read is complete and consistent; everything wrong is told at once, each
// with its place, before a hypervisor is asked anything.
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createMachineSpec } from '../../cluster-file.ts';
import type { Credentials, Text } from '../../contract.ts';
import { ProvisioningError } from '../../errors.ts';
import { asTold, fieldProblems } from '../../messages/field-problems.ts';
import { text, textOfProblems } from '../../messages/text.ts';
import { expandHome } from '../../paths.ts';
import { cidrContains, networkOf } from '../../plan/cidr.ts';
import type { SshConfig } from '../../transport/ssh-config.ts';
import type { ImageSource, ImageSpec, VirtualMachinesSpec } from './contract.ts';

const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, text('word.dnsLabel').en);
const ipv4 = z.ipv4();
const sourceSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ path: z.string().startsWith('/') }),
]);
const imageSchema = z.strictObject({
  disk: sourceSchema,
  kernel: sourceSchema.optional(),
  initrd: sourceSchema.optional(),
  append: z.string().optional(),
});
const size = {
  cpus: z.int().min(1).max(256),
  memoryMiB: z.int().min(512),
  diskGiB: z.int().min(4),
};
const machineSchema = z.strictObject({
  name: label,
  role: z.enum(['master', 'node', 'both']),
  /** `10.0.0.11/24` */
  address: z.string(),
  cpus: size.cpus.optional(),
  memoryMiB: size.memoryMiB.optional(),
  diskGiB: size.diskGiB.optional(),
  image: imageSchema.optional(),
});
const fileSchema = z.strictObject({
  apiVersion: z.literal('pilothouse.io/v1').optional(),
  kind: z.literal('VirtualMachines').optional(),
  cluster: label,
  hypervisor: z.looseObject({
    uri: z.string().default('qemu:///system'),
    folder: z.string().startsWith('/').default('/var/lib/libvirt/images/pilothouse'),
    bridge: z.string().optional(),
    network: z.string().optional(),
    accelerator: z.enum(['auto', 'kvm', 'emulated']).default('auto'),
    isJumpHost: z.boolean().default(false),
  }),
  image: imageSchema.optional(),
  size: z
    .strictObject({
      cpus: size.cpus.default(2),
      memoryMiB: size.memoryMiB.default(2048),
      diskGiB: size.diskGiB.default(20),
    })
    .prefault({}),
  gateway: ipv4.optional(),
  nameservers: z.array(ipv4).default([]),
  login: z.strictObject({
    user: z.string().default('root'),
    /** The public key that machines let in, or the path of its file. */
    publicKey: z.string().min(1),
    keyPath: z.string().min(1).optional(),
    agent: z.boolean().optional(),
  }),
  machines: z.array(machineSchema).min(1),
});

interface FileOptions {
  readonly baseDir: string;
  readonly sshConfig?: SshConfig;
}

/** What the file says; throws ProvisioningError `VmFile` with all problems, or ClusterFileError for the hypervisor's login. */
export function readMachinesFile(yaml: string, options: FileOptions): VirtualMachinesSpec {
  let document: unknown;
  try {
    document = parse(yaml);
  } catch (cause) {
    throw refused([asTold(cause)]);
  }
  const parsed = fileSchema.safeParse(document);
  if (!parsed.success) throw refused(fieldProblems(fileSchema, document));
  const { cluster, hypervisor, gateway, nameservers, login, machines } = parsed.data;
  const problems = problemsOf(parsed.data);
  if (problems.length > 0) throw refused(problems);
  const { uri, folder, bridge, network, accelerator, isJumpHost, ...host } = hypervisor;
  const key = readKey(login.publicKey, options.baseDir);
  const credentials: Credentials = {
    ...(login.keyPath === undefined ? {} : { keyPath: anchored(login.keyPath, options.baseDir) }),
    ...(login.agent === true ? { agent: true } : {}),
  };
  return {
    cluster,
    hypervisor: {
      host: createMachineSpec({ role: 'node', ...host, name: 'hypervisor' }, options),
      uri,
      folder,
      attachment: bridge === undefined ? { network: network ?? 'default' } : { bridge },
      accelerator,
      isJumpHost,
    },
    gateway,
    nameservers,
    login: { user: login.user, authorizedKey: key, credentials },
    machines: machines.map(({ address, image, ...machine }) => ({
      ...parsed.data.size,
      ...machine,
      cidr: address,
      image: anchorImage((image ?? parsed.data.image) as ImageSpec, options.baseDir),
    })),
  };
}

function problemsOf({ machines, hypervisor, image, gateway }: z.output<typeof fileSchema>): Text[] {
  const problems: Text[] = [];
  if (hypervisor.bridge !== undefined && hypervisor.network !== undefined)
    problems.push(text('problem.bridgeAndNetwork'));
  const seen = new Map<string, number>();
  machines.forEach((machine, index) => {
    const place = `machines.${index}`;
    const [address = ''] = machine.address.split('/');
    const range = networkOf(machine.address);
    if (range === undefined)
      problems.push(text('problem.notAddress', { place: `${place}.address`, value: machine.address }));
    else if (gateway !== undefined && !cidrContains(range, gateway))
      problems.push(text('problem.gatewayOutside', { place: `${place}.address`, gateway, value: machine.address }));
    for (const [field, value] of [
      ['name', machine.name],
      ['address', address],
    ] as const) {
      const first = seen.get(`${field} ${value}`);
      if (first === undefined) seen.set(`${field} ${value}`, index);
      else problems.push(text('problem.twice', { place: `${place}.${field}`, value, first: `machines.${first}` }));
    }
    if (machine.image === undefined && image === undefined)
      problems.push(text('problem.noImage', { place: `${place}.image` }));
  });
  return problems;
}

function refused(problems: readonly Text[]): ProvisioningError {
  return new ProvisioningError('VmFile', textOfProblems('error.vmFile', problems), text('error.vmFile.remedy'));
}

function anchored(path: string, baseDir: string): string {
  const expanded = expandHome(path);
  return isAbsolute(expanded) ? expanded : resolve(baseDir, expanded);
}

function anchorImage(image: ImageSpec, baseDir: string): ImageSpec {
  const anchor = <T extends ImageSource | undefined>(source: T): T =>
    source !== undefined && 'file' in source ? { ...source, file: anchored(source.file, baseDir) } : source;
  return { ...image, disk: anchor(image.disk), kernel: anchor(image.kernel), initrd: anchor(image.initrd) };
}

function readKey(given: string, baseDir: string): string {
  if (/^(ssh|ecdsa|sk)-/.test(given)) return given.trim();
  try {
    return readFileSync(anchored(given, baseDir), 'utf8').trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refused([text('problem.unreadable', { place: 'login.publicKey', reason })]);
  }
}
