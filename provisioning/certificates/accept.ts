// Whether what a machine holds is as good as what the console would write. Machines renew their certificates by themselves,
// so a certificate is good when the present authority signed it, it names what it should, and its renewal is not due. Pure.
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { inspectCertificate, isIssuedBy, pkiFiles, renewalDueMs } from '../../machinery/pki/index.ts';
import type { FoundFile, OwnedFile } from '../steps/files.ts';

/** The files that must be written. A key goes with its certificate: both are kept, or both are written. */
export function unacceptable(
  wanted: readonly OwnedFile[],
  found: readonly FoundFile[],
  nowMs: number = Date.now(),
): OwnedFile[] {
  const contents = new Map(found.map(({ path, found: file }) => [path, file && decode(file.content)]));
  const modes = new Map(found.map(({ path, found: file }) => [path, file?.mode]));
  const authorityOf = (path: string): string => {
    const kind = /\/etcd\/|apiserver-etcd-client/.test(path)
      ? 'etcdCa'
      : /front-proxy/.test(path)
        ? 'frontProxyCa'
        : 'ca';
    return wanted.find((file) => file.path.endsWith(`/pki/${pkiFiles[kind].cert}`))?.content ?? '';
  };
  const isGood = (file: OwnedFile): boolean => {
    const present = contents.get(file.path);
    if (present === undefined) return false;
    if (present === file.content) return true;
    if (file.path.endsWith('.kubeconfig')) return kubeconfigIsGood(file.content, present, nowMs);
    const certificate = wanted.find(({ path }) => path === file.path.replace(/\.key$/, '.crt'));
    const held = certificate && contents.get(certificate.path);
    if (certificate === undefined || held === undefined) return false;
    return leafIsGood(certificate.content, held, authorityOf(file.path), nowMs);
  };
  return wanted.filter((file) => modes.get(file.path) !== file.mode.toString(8) || !isGood(file));
}

function leafIsGood(wanted: string, present: string, authority: string, nowMs: number): boolean {
  try {
    const [should, is] = [inspectCertificate(wanted), inspectCertificate(present)];
    return (
      authority !== '' &&
      isIssuedBy(present, authority) &&
      nowMs < renewalDueMs(present) &&
      is.commonName === should.commonName &&
      should.organizations.every((name) => is.organizations.includes(name)) &&
      should.sans.every((name) => is.sans.includes(name))
    );
  } catch {
    return false; // not a certificate
  }
}

function kubeconfigIsGood(wanted: string, present: string, nowMs: number): boolean {
  try {
    const [should, is] = [clusterOf(loadKubeconfig(wanted)), clusterOf(loadKubeconfig(present))];
    const isSameCluster = is.ca === should.ca && is.servers.join() === should.servers.join();
    return isSameCluster && leafIsGood(should.cert ?? '', is.cert ?? '', should.ca ?? '', nowMs);
  } catch {
    return false; // not a kubeconfig
  }
}

function decode(content: string): string {
  return Buffer.from(content, 'base64').toString('utf8');
}
