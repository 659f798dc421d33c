// Certificates that change under a running control plane: new connections meet the new ones, a watch that stands goes on,
// and a node gets its certificates from the cluster's own signer.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestCertificate } from '../../agent/certificates/request-certificate.ts';
import { systemClock } from '../../machinery/clock.ts';
import { clusterOf, loadKubeconfig, type ClusterAccess } from '../../machinery/kubeconfig.ts';
import {
  createCertificateRequest,
  inspectCertificate,
  isIssuedBy,
  issueCertificate,
} from '../../machinery/pki/index.ts';
import { createRestClient, type RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { until } from '../support/until.ts';

const json = { 'content-type': 'application/json' };

describe('a running control plane', () => {
  let controlPlane: TestControlPlane;
  let access: ClusterAccess;
  const clients: RestClient[] = [];
  const clientOf = (as: ClusterAccess): RestClient => {
    const client = createRestClient({ transport: createHttpsTransport(as) });
    clients.push(client);
    return client;
  };
  const pki = (file: string): string => readFileSync(join(controlPlane.folder, 'data/pki', file), 'utf8');
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(controlPlane.url);
      const socket = connect({ host: hostname, port: Number(port), ca: access.ca, servername: 'localhost' }, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on('error', reject);
    });

  beforeAll(async () => {
    controlPlane = await startControlPlane({ store: 'memory' });
    access = clusterOf(loadKubeconfig(controlPlane.kubeconfigPath));
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await controlPlane.close();
  });

  it('serves new connections with a certificate issued anew, and keeps a watch', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const response = await clientOf(access).request({ method: 'GET', path, query: { watch: 'true' } });
    let seen = '';
    let ended = false;
    void (async () => {
      for await (const chunk of response.body) seen += Buffer.from(chunk).toString('utf8');
    })().finally(() => (ended = true));
    const before = await shown();
    for (const file of ['apiserver.crt', 'apiserver.key']) rmSync(join(controlPlane.folder, 'data/pki', file));
    const after = await until('another certificate', async () => {
      const now = await shown();
      return now === before ? undefined : now;
    });
    expect(after).not.toBe(before);
    const body = JSON.stringify({ metadata: { name: 'after-renewal' } });
    expect((await clientOf(access).request({ method: 'POST', path, headers: json, body })).status).toBe(201);
    await until('the watch to tell of it', () => seen.includes('after-renewal'));
    expect(ended).toBe(false);
  });

  it('signs what a node asks for in its own name and for its own addresses', async () => {
    const admin = clientOf(access);
    const node = JSON.stringify({ metadata: { name: 'n1' } });
    await admin.request({ method: 'POST', path: '/api/v1/nodes', headers: json, body: node });
    const status = JSON.stringify({ status: { addresses: [{ type: 'InternalIP', address: '10.9.9.9' }] } });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await admin.request({ method: 'PATCH', path: '/api/v1/nodes/n1/status', headers, body: status });
    const ca = { cert: pki('ca.crt'), key: pki('ca.key') };
    const user = 'system:node:n1';
    const own = await issueCertificate(ca, { commonName: user, organizations: ['system:nodes'], usages: ['client'] });
    const client = clientOf({ servers: access.servers, ca: access.ca, ...own });
    const about = { user, clock: systemClock, signal: AbortSignal.timeout(60_000) };
    const renewed = await requestCertificate(client, { ...about, usage: 'client', names: [] });
    expect(isIssuedBy(renewed.cert, ca.cert)).toBe(true);
    const serving = await requestCertificate(client, { ...about, usage: 'server', names: ['n1', '10.9.9.9'] });
    expect(inspectCertificate(serving.cert).sans).toEqual(['n1', '10.9.9.9']);
    const pretended = await client.request({
      method: 'POST',
      path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      headers: json,
      body: JSON.stringify({
        metadata: { name: 'pretended' },
        spec: {
          request: Buffer.from((await createCertificateRequest('system:node:n2', ['system:nodes'])).csr).toString(
            'base64',
          ),
          signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
          usages: ['digital signature', 'client auth'],
          username: 'system:node:n2',
          groups: ['system:nodes', 'system:bootstrappers'],
        },
      }),
    });
    const { spec } = JSON.parse(await pretended.text()) as { spec: { username: string; groups: string[] } };
    expect(spec).toMatchObject({ username: user, groups: ['system:nodes', 'system:authenticated'] });
    const withRenewed = clientOf({ servers: access.servers, ca: access.ca, ...renewed });
    expect((await withRenewed.request({ method: 'GET', path: '/api/v1/nodes/n1' })).status).toBe(200);
  });
});
