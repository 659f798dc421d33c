import { expect, it } from 'vitest';
import { startServer } from '../fixtures/running-server.ts';
import { createCertificateRequest } from '../../../machinery/pki/index.ts';

it('leaves a request without uid and extra as it was when something else of it changes', async () => {
  const running = await startServer();
  try {
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const request = Buffer.from((await createCertificateRequest('any')).csr).toString('base64');
    const spec = { request, signerName: 'example.com/any', usages: ['client auth'], username: 'somebody else' };
    const created = await running.raw('POST', path, { body: { metadata: { name: 'r' }, spec } });
    expect(created.status).toBe(201);
    expect(JSON.parse(created.text)).toMatchObject({ spec: { username: 'kubernetes-admin' } });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const patched = await running.raw('PATCH', `${path}/r`, { body: { metadata: { labels: { a: 'b' } } }, headers });
    expect(patched.status).toBe(200);
    expect((await running.raw('PUT', `${path}/r`, { body: patched.text })).status).toBe(200);
  } finally {
    await running.close();
  }
});
