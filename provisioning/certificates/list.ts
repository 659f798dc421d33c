// The certificate clock: every certificate of a cluster with its end, read from the machines themselves and from what this
// console holds.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { renewalDueMs, splitBundle } from '../../machinery/pki/index.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { clusterPaths } from '../paths.ts';
import { openMachines } from '../recovery/masters.ts';
import type { Transport } from '../transport/contract.ts';

/** One certificate in one place. */
export interface CertificateInfo {
  /** The machine's name, or `console`. */
  readonly machine: string;
  readonly file: string;
  readonly subject: string;
  readonly issuer: string;
  readonly isAuthority: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Share of its life that is over. */
  readonly age: number;
  /** `due`: at two thirds of its life, where it is renewed. `ending`: in its last tenth. */
  readonly state: 'good' | 'due' | 'ending' | 'ended';
}

export interface CertificateList {
  readonly certificates: readonly CertificateInfo[];
  readonly unreachable: readonly { readonly machine: string; readonly reason: string }[];
}

const root = '/etc/pilothouse';

/** Reads them all, the one that ends first at the top. */
export async function listCertificates(spec: ClusterSpec, options: RunOptions = {}): Promise<CertificateList> {
  const machines = await openMachines(spec.machines, spec, options);
  try {
    const onMachines = await Promise.all(
      machines.open.map(({ machine, transport }) => certificatesOn(machine.name, transport)),
    );
    const here = await certificatesHere(spec, options);
    const unreachable = machines.lost.map(({ machine, reason }) => ({ machine: machine.name, reason }));
    const certificates = [...onMachines.flat(), ...here].sort((a, b) => a.notAfterMs - b.notAfterMs);
    return { certificates, unreachable };
  } finally {
    machines.close();
  }
}

async function certificatesOn(machine: string, transport: Transport): Promise<CertificateInfo[]> {
  const output = await transport.run(
    `cd ${root} && for f in $(find . -name '*.crt' -o -name '*.kubeconfig' | sort); do echo "== $f"; cat "$f"; done`,
  );
  return output
    .split(/^== \.\//m)
    .slice(1)
    .flatMap((part) => {
      const end = part.indexOf('\n');
      return certificatesIn(machine, part.slice(0, end), part.slice(end + 1));
    });
}

async function certificatesHere(spec: ClusterSpec, options: RunOptions): Promise<CertificateInfo[]> {
  const paths = clusterPaths(spec.name, options.home);
  const files = [
    ...['ca.crt', 'etcd/ca.crt', 'front-proxy-ca.crt'].map((file) => ({
      file: `pki/${file}`,
      path: join(paths.pkiDir, file),
    })),
    { file: 'kubeconfig', path: paths.kubeconfig },
  ].filter(({ path }) => existsSync(path));
  const found = await Promise.all(
    files.map(async ({ file, path }) => certificatesIn('console', file, await readFile(path, 'utf8'))),
  );
  return found.flat();
}

/** The certificates in one file; of a kubeconfig, the client's. */
export function certificatesIn(
  machine: string,
  file: string,
  text: string,
  nowMs: number = Date.now(),
): CertificateInfo[] {
  const pem = file.endsWith('kubeconfig') ? (clusterOf(loadKubeconfig(text)).cert ?? '') : text;
  return splitBundle(pem).map((certificate) => {
    const { subject, issuer, ca, validFromDate, validToDate } = new X509Certificate(certificate);
    const [notBeforeMs, notAfterMs] = [validFromDate.getTime(), validToDate.getTime()];
    const age = Math.max(0, (nowMs - notBeforeMs) / (notAfterMs - notBeforeMs));
    const state = age >= 1 ? 'ended' : age >= 0.9 ? 'ending' : nowMs >= renewalDueMs(certificate) ? 'due' : 'good';
    return {
      machine,
      file,
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      isAuthority: ca,
      notBeforeMs,
      notAfterMs,
      age,
      state,
    };
  });
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}
