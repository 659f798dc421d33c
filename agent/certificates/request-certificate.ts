// Asks the cluster for a certificate of this node: a CertificateSigningRequest that the cluster approves by itself because
// the node asks in its own name, and signs.
import { randomUUID } from 'node:crypto';
import { certificateSigningRequests } from '../../api/kinds/certificates/index.ts';
import type { CertificateSigningRequest } from '../../api/kinds/certificates/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import type { Clock } from '../../machinery/clock.ts';
import { createCertificateRequest } from '../../machinery/pki/index.ts';
import type { KeyedCertificate } from '../../machinery/pki/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';

const patienceMs = 60_000;
const askMs = 500;

export interface NodeCertificate {
  /** `system:node:NAME`. */
  readonly user: string;
  readonly usage: 'client' | 'server';
  /** What a serving certificate is for: the node's name and addresses. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The certificate and its new key. Throws when nobody signs it within a minute. */
export async function requestCertificate(client: RestClient, wanted: NodeCertificate): Promise<KeyedCertificate> {
  const { user, usage, names, clock, signal } = wanted;
  const { csr, key } = await createCertificateRequest(user, ['system:nodes'], names);
  const api = client.resource(certificateSigningRequests);
  const draft = {
    metadata: { name: `node-${usage}-${randomUUID()}` },
    spec: {
      request: Buffer.from(csr).toString('base64'),
      signerName: usage === 'client' ? 'kubernetes.io/kube-apiserver-client-kubelet' : 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'key encipherment', `${usage} auth`],
    },
  } as Draft<CertificateSigningRequest>;
  const { metadata } = await api.create(draft, { signal });
  for (const untilMs = clock.now() + patienceMs; clock.now() < untilMs; await clock.sleep(askMs, signal)) {
    signal.throwIfAborted();
    const { status } = await api.get(metadata.name, { signal });
    if (status?.certificate !== undefined)
      return { cert: Buffer.from(status.certificate, 'base64').toString('utf8'), key };
    const refusal = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
    if (refusal !== undefined)
      throw new Error(`the certificate request was refused: ${refusal.message ?? refusal.type}`);
  }
  throw new Error('the certificate request was not signed within a minute');
}
