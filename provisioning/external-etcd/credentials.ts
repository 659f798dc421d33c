// How the cluster shows itself to an etcd that is not its own: read from the administrator's files, and good before
// anything is done with it. The key stays on this computer and on the masters.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../machinery/clock.ts';
import type { ExternalEtcd, Text } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text, textOfProblems } from '../messages/text.ts';
import { expandHome } from '../paths.ts';
import { authorityProblems, endProblems } from '../site-settings.ts';

/** PEM texts. */
export interface EtcdCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Reads the three files; throws ProvisioningError `EtcdCredentials` with everything that is wrong with them. */
export async function readEtcdCredentials({ caFile, certFile, keyFile }: ExternalEtcd): Promise<EtcdCredentials> {
  const problems: Text[] = [];
  const read = async (place: string): Promise<string> => {
    try {
      return await readFile(expandHome(place), 'utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.push(text('problem.unreadable', { place, reason }));
      return '';
    }
  };
  const [ca, cert, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)]);
  if (problems.length === 0) problems.push(...credentialProblems({ ca, cert, key }, { caFile, certFile, keyFile }));
  if (problems.length === 0) return { ca, cert, key };
  throw new ProvisioningError(
    'EtcdCredentials',
    textOfProblems('error.etcdCredentials', problems),
    text('error.etcdCredentials.remedy'),
  );
}

/** What is wrong with the texts of the files, each with its place. Pure. */
export function credentialProblems(
  { ca, cert, key }: EtcdCredentials,
  { caFile, certFile, keyFile }: Omit<ExternalEtcd, 'endpoints'>,
  nowMs: number = systemClock.now(),
): Text[] {
  const [authority, own] = [certificateIn(ca), certificateIn(cert)];
  const none = (place: string): Text[] => [text('problem.noCertificate', { place })];
  return [
    ...(authority === undefined ? none(caFile) : authorityProblems(authority, caFile, nowMs)),
    ...(own === undefined ? none(certFile) : endProblems(own, certFile, nowMs)),
    ...keyProblems(key, own, keyFile, certFile),
  ];
}

function keyProblems(key: string, own: X509Certificate | undefined, place: string, other: string): Text[] {
  try {
    const secret = createPrivateKey(key);
    return (own?.checkPrivateKey(secret) ?? true) ? [] : [text('problem.otherKey', { place, other })];
  } catch {
    return [text('problem.noKey', { place })]; // encrypted, or no key at all
  }
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
