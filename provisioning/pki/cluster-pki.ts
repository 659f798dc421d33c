// The cluster's certificates, made on the console's computer and kept under clusters/<id>/pki. The authorities' keys stay
// there; masters get copies of them, because they renew their certificates by themselves with every console closed.
import { mkdir, readFile, copyFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatKubeconfig } from '../../machinery/kubeconfig.ts';
import {
  ensurePki,
  inspectCertificate,
  isIssuedBy,
  issueCertificate,
  type KeyedCertificate,
  pkiFiles,
  renewalDueMs,
} from '../../machinery/pki/index.ts';
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { addressAt, parseCidr } from '../plan/cidr.ts';
import { mastersOf } from '../plan/plan-cluster.ts';

/** The first address of the Service range: the API server's own Service. */
export function apiServiceAddress(spec: ClusterSpec): string {
  return serviceAddress(spec, 1);
}

/** The tenth: cluster DNS. */
export function dnsServiceAddress(spec: ClusterSpec): string {
  return serviceAddress(spec, 10);
}

function serviceAddress(spec: ClusterSpec, index: number): string {
  const range = parseCidr(spec.serviceCidr);
  if (range === undefined) throw new Error(`${spec.serviceCidr} is no network`);
  return addressAt(range, index);
}

/** URLs of all API servers. */
export function serversOf(spec: ClusterSpec): string[] {
  return mastersOf(spec).map((machine) => `https://${machine.address}:6443`);
}

/** The address that every machine may answer at for the API; undefined without one. */
export function virtualAddressOf({ settings: { virtualAddress } }: ClusterSpec): string | undefined {
  return virtualAddress === 'none' ? undefined : virtualAddress;
}

/** What certificates of the API name besides its machines. */
export function extraSansOf(spec: ClusterSpec): string[] {
  return [...spec.settings.extraSans, ...[virtualAddressOf(spec) ?? []].flat()];
}

/** The authorities and signing keys, relative to the pki folder: what a cluster's trust rests on. */
export const authorityFiles: readonly string[] = [
  pkiFiles.ca.cert,
  pkiFiles.ca.key,
  pkiFiles.etcdCa.cert,
  pkiFiles.etcdCa.key,
  pkiFiles.frontProxyCa.cert,
  pkiFiles.frontProxyCa.key,
  pkiFiles.serviceAccount.privateKey,
  pkiFiles.serviceAccount.publicKey,
];

/** Makes the authorities and signing keys when missing. */
export async function ensureAuthorities(spec: ClusterSpec, dir: string): Promise<void> {
  await ensurePki(dir, { apiServerSans: [], clusterDomain: spec.clusterDomain });
}

/** True when `ensureAuthorities` has nothing to do. */
export function authoritiesExist(dir: string): boolean {
  return authorityFiles.every((file) => existsSync(join(dir, file)));
}

/** Files for /etc/pilothouse/pki of a master, by relative path. */
export async function masterFiles(spec: ClusterSpec, machine: MachineSpec, dir: string): Promise<Map<string, string>> {
  const own = join(dir, 'machines', machine.name);
  for (const file of authorityFiles) {
    await mkdir(dirname(join(own, file)), { recursive: true, mode: 0o700 });
    await copyFile(join(dir, file), join(own, file));
  }
  await ensurePki(own, {
    apiServerSans: [...apiServerNames(spec), machine.name],
    etcdSans: [machine.name, machine.address],
    clusterDomain: spec.clusterDomain,
  });
  const wanted = Object.values(pkiFiles).flatMap((pair) => Object.values(pair));
  return new Map(
    await Promise.all(wanted.map(async (file) => [file, await readFile(join(own, file), 'utf8')] as const)),
  );
}

function apiServerNames(spec: ClusterSpec): string[] {
  return [...mastersOf(spec).map((master) => master.address), apiServiceAddress(spec), ...extraSansOf(spec)];
}

/** Files for /etc/pilothouse of any machine that runs an agent, by relative path. */
export async function agentFiles(spec: ClusterSpec, machine: MachineSpec, dir: string): Promise<Map<string, string>> {
  const ca = await readFile(join(dir, pkiFiles.ca.cert), 'utf8');
  const client = await ensureLeaf(dir, `machines/${machine.name}/agent`, {
    commonName: `system:node:${machine.name}`,
    organizations: ['system:nodes'],
    usages: ['client'],
  });
  const serving = await ensureLeaf(dir, `machines/${machine.name}/kubelet`, {
    commonName: `system:node:${machine.name}`,
    organizations: ['system:nodes'],
    sans: [machine.name, machine.address],
    usages: ['server'],
  });
  const kubeconfig = formatKubeconfig(
    spec.name,
    { servers: serversOf(spec), ca, ...client },
    `system:node:${machine.name}`,
  );
  return new Map([
    ['pki/ca.crt', ca],
    ['pki/kubelet.crt', serving.cert],
    ['pki/kubelet.key', serving.key],
    ['agent.kubeconfig', kubeconfig],
  ]);
}

/** The administrator's kubeconfig. Programs that know of one server only use the first: the virtual address where there is one. */
export async function adminKubeconfig(spec: ClusterSpec, dir: string): Promise<string> {
  const ca = await readFile(join(dir, pkiFiles.ca.cert), 'utf8');
  const admin = await ensureLeaf(dir, 'admin', {
    commonName: 'kubernetes-admin',
    organizations: ['system:masters'],
    usages: ['client'],
  });
  const virtual = virtualAddressOf(spec);
  const servers = [...(virtual === undefined ? [] : [`https://${virtual}`]), ...serversOf(spec)];
  return formatKubeconfig(spec.name, { servers, ca, ...admin });
}

type Request = Parameters<typeof issueCertificate>[1];

/** The certificate at `name`.crt/.key, issued anew when absent, ending soon or naming other addresses. */
async function ensureLeaf(dir: string, name: string, request: Request): Promise<KeyedCertificate> {
  const [certPath, keyPath] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  const ca = {
    cert: await readFile(join(dir, pkiFiles.ca.cert), 'utf8'),
    key: await readFile(join(dir, pkiFiles.ca.key), 'utf8'),
  };
  if (existsSync(certPath) && existsSync(keyPath)) {
    const present = { cert: await readFile(certPath, 'utf8'), key: await readFile(keyPath, 'utf8') };
    const facts = inspectCertificate(present.cert);
    const isGood = Date.now() < renewalDueMs(present.cert) && isIssuedBy(present.cert, ca.cert);
    if (isGood && (request.sans ?? []).every((san) => facts.sans.includes(san))) return present;
  }
  const issued = await issueCertificate(ca, request);
  await mkdir(dirname(certPath), { recursive: true, mode: 0o700 });
  await writeFile(keyPath, issued.key, { mode: 0o600 });
  await writeFile(certPath, issued.cert, { mode: 0o644 });
  return issued;
}
