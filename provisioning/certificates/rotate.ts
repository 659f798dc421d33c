// Renewal of all certificates of machines, and rotation of the authorities themselves with an overlap in which both are
// trusted, so that at no moment anybody is shown a certificate that it does not trust. API servers and agents take
// everything up without a restart; etcd re-reads its certificates but not whom it trusts, so its members are restarted one
// at a time, each waited for, which no client notices.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAuthority, joinBundle, pkiFiles, splitBundle } from '../../machinery/pki/index.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { adminKubeconfig } from '../pki/cluster-pki.ts';
import { startEtcd } from '../recovery/etcd-data.ts';
import { openMachines, type OpenMasters } from '../recovery/masters.ts';
import { createStages } from '../run/stages.ts';
import { distribute } from './distribute.ts';

export interface RotationResult {
  readonly ok: boolean;
  readonly machines: readonly string[];
}

/** Issues every certificate of the machines (default: all) anew and waits until each is in use. */
export async function renewCertificates(
  spec: ClusterSpec,
  options: RunOptions & { readonly machines?: readonly string[] } = {},
): Promise<RotationResult> {
  const stages = createStages(options.onProgress, 'certificates');
  const { pkiDir } = clusterPaths(spec.name, options.home);
  const chosen = spec.machines.filter(({ name }) => options.machines?.includes(name) ?? true);
  return withAll(spec, chosen, options, async (machines) => {
    await stages.run('renew', text('certificates.renew'), async () => {
      // Gone from here, they are issued anew by whoever asks for them next.
      await Promise.all(chosen.map(({ name }) => rm(join(pkiDir, 'machines', name), { recursive: true, force: true })));
      await distribute(spec, machines.open, pkiDir, options.signal);
    });
    return { ok: true, machines: chosen.map(({ name }) => name) };
  });
}

const authorities = [
  { files: pkiFiles.ca, name: 'kubernetes' },
  { files: pkiFiles.etcdCa, name: 'etcd-ca' },
  { files: pkiFiles.frontProxyCa, name: 'front-proxy-ca' },
];

const phases = ['trust-both', 'reissue', 'drop-old'] as const;
type Phase = (typeof phases)[number];

/** Replaces the three authorities. A rotation that was cut is gone on with at its phase. Every machine must answer. */
export async function rotateAuthorities(spec: ClusterSpec, options: RunOptions = {}): Promise<RotationResult> {
  const stages = createStages(options.onProgress, 'certificates');
  const paths = clusterPaths(spec.name, options.home);
  const { pkiDir } = paths;
  return withAll(spec, spec.machines, options, async (machines) => {
    await prepareNext(pkiDir);
    for (const phase of phases.slice(phases.indexOf(await readPhase(pkiDir)))) {
      await stages.run(phase, text(`certificates.${phase}`), async () => {
        await writePhase(pkiDir, phase);
        await arrange(pkiDir, phase);
        await writeWhole(paths.kubeconfig, await adminKubeconfig(spec, pkiDir), 0o600);
        await distribute(spec, machines.open, pkiDir, options.signal);
        // Whom etcd trusts changes in the first and the last phase only.
        if (phase !== 'reissue' && externalEtcdOf(spec) === undefined) await restartEtcd(machines, options.signal);
      });
    }
    await rm(join(pkiDir, 'rotation'), { recursive: true, force: true });
    return { ok: true, machines: machines.open.map(({ machine }) => machine.name) };
  });
}

/** The next authorities, and copies of the present ones, in pki/rotation; made once per rotation. */
async function prepareNext(pkiDir: string): Promise<void> {
  const folder = join(pkiDir, 'rotation');
  if (existsSync(join(folder, 'phase'))) return;
  await rm(folder, { recursive: true, force: true });
  for (const { files, name } of authorities) {
    const next = await createAuthority(name);
    await writeWhole(join(folder, 'next', files.key), next.key, 0o600);
    await writeWhole(join(folder, 'next', files.cert), next.cert, 0o644);
    const [present = ''] = splitBundle(await readFile(join(pkiDir, files.cert), 'utf8'));
    await writeWhole(join(folder, 'old', files.cert), present, 0o644);
  }
  await writePhase(pkiDir, 'trust-both');
}

async function readPhase(pkiDir: string): Promise<Phase> {
  const found = (await readFile(join(pkiDir, 'rotation/phase'), 'utf8')).trim();
  return phases.find((phase) => phase === found) ?? 'trust-both';
}

function writePhase(pkiDir: string, phase: Phase): Promise<void> {
  return writeWhole(join(pkiDir, 'rotation/phase'), `${phase}\n`, 0o600);
}

/** What this console holds in a phase: whom to trust, and who signs (the first). */
async function arrange(pkiDir: string, phase: Phase): Promise<void> {
  for (const { files } of authorities) {
    const read = (folder: string, file: string): Promise<string> =>
      readFile(join(pkiDir, 'rotation', folder, file), 'utf8');
    const [old, next] = [await read('old', files.cert), await read('next', files.cert)];
    const bundle = {
      'trust-both': joinBundle(old, next),
      reissue: joinBundle(next, old),
      'drop-old': joinBundle(next),
    };
    if (phase !== 'trust-both') await writeWhole(join(pkiDir, files.key), await read('next', files.key), 0o600);
    await writeWhole(join(pkiDir, files.cert), bundle[phase], 0o644);
  }
}

/** One member at a time, so that the quorum holds throughout. */
async function restartEtcd(machines: OpenMasters, signal?: AbortSignal): Promise<void> {
  for (const { machine, transport } of machines.open) {
    if (machine.role === 'node') continue;
    await transport.run('systemctl stop pilothouse-etcd', { signal });
    await startEtcd(transport, signal);
  }
}

/** Opens and locks the machines; throws when one does not answer, because it would be left behind with old trust. */
async function withAll<T>(
  spec: ClusterSpec,
  chosen: ClusterSpec['machines'],
  options: RunOptions,
  work: (machines: OpenMasters) => Promise<T>,
): Promise<T> {
  const machines = await openMachines(chosen, spec, { ...options, lock: true });
  try {
    if (machines.lost.length > 0) {
      const values = { machines: machines.lost.map(({ machine }) => machine.name).join(', ') };
      throw new ProvisioningError(
        'MachineUnreachable',
        text('error.certificates.unreachable', values),
        text('error.certificates.unreachable.remedy', values),
      );
    }
    return await work(machines);
  } finally {
    machines.close();
  }
}

async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, content, { mode });
  await rename(`${path}.new`, path);
}
