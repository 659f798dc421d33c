// Certificate signing requests on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { TestCluster } from './cluster.ts';
import { certificateSigningRequests } from '../../../api/kinds/certificates/index.ts';
import { createAuthority, inspectCertificate } from '../../../machinery/pki/index.ts';
import { requestJson } from '../../../machinery/request.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

async function csrOf(name: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys: keys as never,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return Buffer.from(csr.toString('pem')).toString('base64');
}

describe('certificate signing requests', () => {
  it('are signed once approved, and refused when they ask too much', async () => {
    const ca = await createAuthority('kubernetes');
    cluster = await startCluster({ nodes: 0, settings: { signing: { caCert: ca.cert, caKey: ca.key } } });
    const api = cluster.client.resource(certificateSigningRequests);
    const ask = async (name: string, subject: string) =>
      api.create({
        metadata: { name },
        spec: {
          request: await csrOf(subject),
          signerName: 'kubernetes.io/kube-apiserver-client',
          usages: ['client auth'],
        },
      });
    const approve = async (name: string) => {
      const request = await api.get(name);
      const status = {
        ...request.status,
        conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }],
      };
      const path = `/apis/certificates.k8s.io/v1/certificatesigningrequests/${name}/approval`;
      await requestJson(cluster.client.request, {
        method: 'PUT',
        path,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...request, status }),
      });
    };
    await ask('jane', 'CN=jane, O=developers');
    await ask('root', 'CN=root, O=system:masters');
    expect((await api.get('jane')).status?.certificate).toBeUndefined();
    await approve('jane');
    await approve('root');
    const signed = await waitFor(async () => (await api.get('jane')).status?.certificate, {
      timeoutMs: 5_000,
      what: 'the certificate',
    });
    expect(inspectCertificate(Buffer.from(signed, 'base64').toString())).toMatchObject({
      commonName: 'jane',
      organizations: ['developers'],
    });
    const refused = await waitFor(
      async () => (await api.get('root')).status?.conditions?.find(({ type }) => type === 'Failed'),
      { timeoutMs: 5_000, what: 'the refusal' },
    );
    expect(refused.message).toContain('system:masters');
  });
});
