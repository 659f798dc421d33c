// Aggregation with a real second server: TLS both ways, identities in headers, availability, discovery, OpenAPI.
import { createServer, type Server } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiServices, type APIService } from '../../../api/kinds/apiregistration/index.ts';
import { configMaps } from '../../../api/kinds/core/index.ts';
import { clusterRoleBindings } from '../../../api/kinds/rbac/index.ts';
import { createAuthority, issueCertificate, type Authority } from '../../../machinery/pki/index.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';
import { frontProxyHeaders } from './front-proxy.ts';
import { ServiceProblem } from './locate-service.ts';

interface Seen {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly isKnownProxy: boolean;
  readonly body: string;
}

let running: RunningServer;
let remote: Server;
let remoteCa: Authority;
let isDown = false;
const seen: Seen[] = [];
const list = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'wardle.example.com/v1alpha1',
  resources: [
    { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list'] },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
  ],
};
const answers: Readonly<Record<string, object>> = {
  '/apis/wardle.example.com/v1alpha1': list,
  '/openapi/v2': {
    paths: { '/apis/wardle.example.com/v1alpha1/flunders': {}, '/apis/other/v1/x': {} },
    definitions: { 'example.Flunder': { type: 'object' } },
  },
  '/openapi/v3/apis/wardle.example.com/v1alpha1': { openapi: '3.0.0', info: { title: 'wardle' } },
};

async function startRemote(frontProxyCa: Authority): Promise<void> {
  remoteCa = await createAuthority('wardle');
  const serving = await issueCertificate(remoteCa, {
    commonName: 'wardle',
    sans: ['api.wardle.svc'],
    usages: ['server'],
  });
  const tls = {
    cert: serving.cert,
    key: serving.key,
    ca: frontProxyCa.cert,
    requestCert: true,
    rejectUnauthorized: false,
  };
  remote = createServer(tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const { headers, method = '' } = request;
      const isKnownProxy = (request.socket as TLSSocket).authorized;
      seen.push({ path: request.url ?? '', method, headers, isKnownProxy, body: Buffer.concat(chunks).toString() });
      response.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json', 'x-from': 'wardle' });
      response.end(JSON.stringify(answers[path] ?? { kind: 'FlunderList', items: [] }));
    });
  });
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve));
}

beforeAll(async () => {
  const frontProxyCa = await createAuthority('front-proxy-ca');
  const identity = await issueCertificate(frontProxyCa, { commonName: 'front-proxy-client', usages: ['client'] });
  await startRemote(frontProxyCa);
  running = await startServer({
    frontProxy: { certificate: identity.cert, key: identity.key, ca: frontProxyCa.cert },
    locateService: ({ name }) =>
      name === 'api'
        ? Promise.resolve({ host: '127.0.0.1', port: (remote.address() as AddressInfo).port })
        : Promise.reject(new ServiceProblem('ServiceNotFound', `service/${name} is not present`)),
  });
});
afterAll(async () => {
  await running.close();
  remote.closeAllConnections();
  await new Promise((resolve) => remote.close(resolve));
});

const register = (group: string, service: string, ca: Authority): Promise<APIService> =>
  running.client.resource(apiServices).create({
    metadata: { name: `v1alpha1.${group}` },
    spec: {
      group,
      version: 'v1alpha1',
      groupPriorityMinimum: 2000,
      versionPriority: 20,
      caBundle: Buffer.from(ca.cert).toString('base64'),
      service: { namespace: 'wardle', name: service },
    },
  });
const available = async (name: string): Promise<{ status?: string; reason?: string; message?: string }> => {
  const { status } = await running.client.resource(apiServices).get(name);
  return status?.conditions?.find(({ type }) => type === 'Available') ?? {};
};
const json = async (path: string, accept = 'application/json'): Promise<Record<string, unknown>> =>
  JSON.parse((await running.raw('GET', path, { headers: { accept } })).text) as Record<string, unknown>;
const flunders = '/apis/wardle.example.com/v1alpha1/namespaces/default/flunders';

describe('an APIService of another server', () => {
  beforeAll(async () => {
    await register('wardle.example.com', 'api', remoteCa);
    await vi.waitFor(async () =>
      expect(await available('v1alpha1.wardle.example.com')).toMatchObject({ status: 'True', reason: 'Passed' }),
    );
    seen.length = 0;
  });

  it('gets the requests of its group version, with the caller named by headers and no credentials', async () => {
    const { status, headers, text } = await running.raw('POST', `${flunders}?dryRun=All`, {
      body: { kind: 'Flunder' },
      headers: { 'content-type': 'application/json', 'x-remote-user': 'forged', authorization: 'Bearer secret' },
    });
    expect(status).toBe(200);
    expect(headers['x-from']).toBe('wardle');
    expect(text).toContain('FlunderList');
    expect(seen.at(-1)).toMatchObject({
      method: 'POST',
      path: `${flunders}?dryRun=All`,
      body: '{"kind":"Flunder"}',
      isKnownProxy: true,
      headers: {
        'x-remote-user': 'kubernetes-admin',
        'x-remote-group': 'system:masters, system:authenticated',
        'content-type': 'application/json',
        host: expect.stringMatching(/^api\.wardle\.svc:/) as string,
      },
    });
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('is asked only for what the caller may', async () => {
    const nobody = await running.clientOf('nobody');
    await expect(nobody.request({ method: 'GET', path: flunders })).resolves.toMatchObject({ status: 403 });
    expect(seen.filter(({ path }) => path === flunders)).toEqual([]);
    await running.client.resource(clusterRoleBindings).create({
      metadata: { name: 'nobody-views' },
      subjects: [{ kind: 'User', name: 'nobody', apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    });
    await vi.waitFor(async () => expect((await nobody.request({ method: 'GET', path: flunders })).status).toBe(200));
    expect(seen.at(-1)?.headers['x-remote-user']).toBe('nobody');
  });

  it('is in discovery of every form', async () => {
    const groups = (await json('/apis'))['groups'] as { name: string }[];
    expect(groups.map(({ name }) => name)).toContain('wardle.example.com');
    expect(await json('/apis/wardle.example.com')).toMatchObject({ preferredVersion: { version: 'v1alpha1' } });
    expect(await json('/apis/wardle.example.com/v1alpha1')).toEqual(list);
    const aggregated = await json('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    const items = aggregated['items'] as unknown as { metadata: { name: string }; versions: object[] }[];
    expect(items.find(({ metadata }) => metadata.name === 'wardle.example.com')?.versions).toMatchObject([
      {
        version: 'v1alpha1',
        freshness: 'Current',
        resources: [
          {
            resource: 'flunders',
            scope: 'Namespaced',
            singularResource: 'flunder',
            responseKind: { group: 'wardle.example.com', version: 'v1alpha1', kind: 'Flunder' },
            subresources: [{ subresource: 'status', verbs: ['get'] }],
          },
        ],
      },
    ]);
  });

  it('is in OpenAPI: v2 merged, v3 its own', async () => {
    const swagger = (await json('/openapi/v2')) as unknown as { paths: object; definitions: object };
    expect(Object.keys(swagger.paths)).toContain('/apis/wardle.example.com/v1alpha1/flunders');
    expect(Object.keys(swagger.paths)).not.toContain('/apis/other/v1/x');
    expect(Object.keys(swagger.definitions)).toEqual(
      expect.arrayContaining(['example.Flunder', 'io.k8s.api.core.v1.Pod']),
    );
    expect(Object.keys((await json('/openapi/v3'))['paths'] as object)).toContain('apis/wardle.example.com/v1alpha1');
    expect(await json('/openapi/v3/apis/wardle.example.com/v1alpha1')).toMatchObject({ info: { title: 'wardle' } });
  });

  it('is unavailable while its service is missing, and answers 503', async () => {
    await register('missing.example.com', 'none', remoteCa);
    await vi.waitFor(async () =>
      expect(await available('v1alpha1.missing.example.com')).toMatchObject({
        status: 'False',
        reason: 'ServiceNotFound',
      }),
    );
    const { status, text } = await running.raw('GET', '/apis/missing.example.com/v1alpha1/things');
    expect(status).toBe(503);
    expect(text).toContain('"reason":"ServiceUnavailable"');
  });

  it('is not believed with a certificate of another authority', async () => {
    await register('forged.example.com', 'api', await createAuthority('other'));
    await vi.waitFor(async () =>
      expect(await available('v1alpha1.forged.example.com')).toMatchObject({
        status: 'False',
        reason: 'FailedDiscoveryCheck',
        message: expect.stringContaining('https://api.wardle.svc:443/apis/forged.example.com/v1alpha1') as string,
      }),
    );
  });

  it('stays in discovery, marked as stale, when it stops answering', async () => {
    isDown = true;
    const name = 'v1alpha1.wardle.example.com';
    const known = await running.client.resource(apiServices).get(name);
    // A change makes the server look at once.
    await running.client.resource(apiServices).update({ ...known, spec: { ...known.spec, versionPriority: 21 } });
    await vi.waitFor(async () => expect(await available(name)).toMatchObject({ status: 'False' }));
    const { text } = await running.raw('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    });
    expect(text).toMatch(/"resource":"flunders".*"freshness":"Stale"/);
    expect((await running.raw('GET', flunders)).status).toBe(503);
  });

  it('cannot take over a built-in group', async () => {
    const name = 'v1.apps';
    const known = await running.client.resource(apiServices).get(name);
    const spec = { ...known.spec, insecureSkipTLSVerify: true, service: { namespace: 'wardle', name: 'api' } };
    await running.client.resource(apiServices).update({ ...known, spec });
    const { text } = await running.raw('GET', '/apis/apps/v1/namespaces/default/deployments');
    expect(text).toContain('DeploymentList');
  });
});

describe('our own groups', () => {
  it('are registered as local APIServices', async () => {
    const { items } = await running.client.resource(apiServices).list();
    const local = items.filter(({ spec }) => spec.service === undefined);
    expect(local.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining([
        'v1.',
        'v1.batch',
        'v1.rbac.authorization.k8s.io',
        'v2.autoscaling',
        'v1beta1.metrics.k8s.io',
      ]),
    );
    expect(await available('v1.batch')).toMatchObject({ status: 'True', reason: 'Local' });
  });

  it('come back when somebody deletes their registration', async () => {
    await running.client.resource(apiServices).delete('v1.batch');
    await vi.waitFor(() => running.client.resource(apiServices).get('v1.batch'));
  });

  it('tell other servers whom to believe', async () => {
    const { data } = await running.client.resource(configMaps, 'kube-system').get('extension-apiserver-authentication');
    expect(data?.['requestheader-client-ca-file']).toContain('BEGIN CERTIFICATE');
    expect(data?.['requestheader-username-headers']).toBe('["X-Remote-User"]');
  });
});

it('names users, groups and extras as upstream’s servers read them', () => {
  const user = { username: 'u', uid: '7', groups: ['a', 'b'], extra: { 'example.com/Scope': ['x', 'y'] } };
  const incoming = {
    accept: 'a/b',
    'x-remote-extra-evil': 'z',
    'impersonate-user': 'root',
    'x-forwarded-for': '10.0.0.1',
  };
  expect(frontProxyHeaders(incoming, user, { address: '10.0.0.2', path: '/p', isUpgrade: false })).toEqual({
    accept: 'a/b',
    'x-forwarded-for': '10.0.0.1, 10.0.0.2',
    'x-forwarded-uri': '/p',
    'x-remote-user': 'u',
    'x-remote-uid': '7',
    'x-remote-group': ['a', 'b'],
    'x-remote-extra-example.com%2Fscope': ['x', 'y'],
  });
});
