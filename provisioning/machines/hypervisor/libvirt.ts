// The adapter for libvirt: `virsh` and `qemu-img` on the hypervisor, over the connection given. Machines are domains named
// `pilothouse-<cluster>-<machine>`; a domain of that name that is not ours by its UUID is never touched. A creation cut by a
// lost connection leaves files that the next creation takes up and removal takes away.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ProvisioningError } from '../../errors.ts';
import { text, textOfProblems } from '../../messages/text.ts';
import type { Transport } from '../../transport/contract.ts';
import { quote } from '../../transport/shell.ts';
import type { Hypervisor, HypervisorSpec, ImageSource } from './contract.ts';
import { type Domain, domainXml } from './domain-xml.ts';
import { isoImage } from './iso-image.ts';
import {
  createScript,
  dropScript,
  filesOf,
  listScript,
  removeScript,
  requireOurs,
  revertScript,
  snapshotScript,
  stopScript,
} from './libvirt-script.ts';
import { findProblems, readCapacity } from './capacity.ts';
import { macOf } from './seed.ts';

export interface LibvirtOptions {
  readonly cluster: string;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** The adapter on the hypervisor at the other end of `transport`. */
export function createLibvirt(transport: Transport, spec: HypervisorSpec, options: LibvirtOptions): Hypervisor {
  const { cluster, signal, onOutput } = options;
  const prefix = `pilothouse-${cluster}-`;
  const domainOf = (name: string): string => `${prefix}${name}`;
  const filesFor = (name: string): ReturnType<typeof filesOf> => filesOf(spec.folder, cluster, name);
  const run = (script: string): Promise<string> =>
    transport.run(`export LC_ALL=C LIBVIRT_DEFAULT_URI=${quote(spec.uri)}\n${script}`, { signal, onOutput });

  const bring = async (source: ImageSource | undefined): Promise<string | undefined> => {
    if (source === undefined || 'path' in source) return source?.path;
    const target = `${spec.folder}/images/${await digestOf(source.file)}`;
    const { size } = await stat(source.file);
    const isThere = (await transport.exec(`[ "$(stat -c %s ${quote(target)} 2>/dev/null)" = ${size} ]`)).code === 0;
    if (!isThere) await transport.upload(source.file, target, { mode: 0o644, signal });
    return target;
  };

  return {
    async check(machines) {
      const capacity = await readCapacity(transport, spec, machines);
      const problems = findProblems(capacity, spec, machines);
      if (problems.length > 0)
        throw new ProvisioningError(
          'Hypervisor',
          textOfProblems('error.hypervisor', problems, { host: spec.host.address }),
          text('error.hypervisor.remedy'),
        );
    },
    async list() {
      const lines = (await run(listScript(`${spec.folder}/${cluster}`, prefix))).split('\n').filter(Boolean);
      return lines.map((line) => {
        const [name = '', state, ...snapshots] = line.split(' ');
        return { name, state: state === 'shut-off' ? 'off' : 'running', snapshots };
      });
    },
    async create(machine, seed) {
      const files = filesFor(machine.name);
      const name = domainOf(machine.name);
      await run(`${requireOurs(name, files)}\nif [ -n "$found" ]; then echo "${name} exists" >&2; exit 6; fi`);
      // libvirt's own user must be able to pass through to the disks.
      await run(`umask 022; mkdir -p ${quote(files.folder)} ${quote(`${spec.folder}/images`)}`);
      const { type, arch } = await readCapacity(transport, spec);
      const base = await bring(machine.image.disk);
      const domain: Domain = {
        name,
        uuid: randomUUID(),
        type,
        arch,
        cpus: machine.cpus,
        memoryMiB: machine.memoryMiB,
        disk: files.disk,
        seed: files.seed,
        kernel: await bring(machine.image.kernel),
        initrd: await bring(machine.image.initrd),
        append: machine.image.append,
        mac: macOf(cluster, machine.name),
        attachment: spec.attachment,
        log: files.log,
      };
      await transport.writeFile(files.seed, isoImage('cidata', seed), { mode: 0o600, signal });
      await transport.writeFile(files.definition, domainXml(domain), { mode: 0o600, signal });
      await run(createScript(name, files, base ?? '', machine.diskGiB));
    },
    async start(name) {
      const domain = quote(domainOf(name));
      await run(
        `${requireOurs(domainOf(name), filesFor(name))}\n[ "$(virsh domstate ${domain} | head -n1)" = running ] || virsh -q start ${domain}`,
      );
    },
    async stop(name, graceSeconds) {
      const domain = domainOf(name);
      await run(
        `${requireOurs(domain, filesFor(name))}\n[ -n "$found" ] || exit 0\n${stopScript(domain, graceSeconds)}`,
      );
    },
    async remove(name) {
      await run(removeScript(domainOf(name), filesFor(name)));
    },
    async snapshot(name, label) {
      await run(snapshotScript(domainOf(name), filesFor(name), label));
    },
    async dropSnapshot(name, label) {
      await run(dropScript(domainOf(name), filesFor(name), label));
    },
    async revert(name, label) {
      await run(revertScript(domainOf(name), filesFor(name), label));
    },
  };
}

/** A name that says what is in the file. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
      hash.update(chunk);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProvisioningError('Image', text('error.vmImage', { path, reason }), text('error.vmImage.remedy'), cause);
  }
  return hash.digest('hex').slice(0, 24);
}
