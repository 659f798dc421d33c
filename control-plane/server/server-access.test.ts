// Subresources, services, access and bad input, as clients see them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import {
  configMaps,
  nodes,
  pods,
  serviceAccounts,
  services,
  type ConfigMap,
  type Pod,
  type Service,
} from '../../api/kinds/core/index.ts';
import { ipAddresses } from '../../api/kinds/networking/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { isApiError, type Status } from '../../api/meta/status.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;

beforeAll(async () => {
  running = await startServer();
  await running.client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
});
afterAll(() => running.close());

const podOf = (name: string, extra: object = {}): Draft<Pod> => ({
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...extra },
});
const configMap = (name: string, data: Record<string, string> = {}): Draft<ConfigMap> => ({
  metadata: { name, labels: { set: name } },
  data,
});
const maps = () => running.client.resource(configMaps, 'default');
const thePods = () => running.client.resource(pods, 'default');

async function refusal(promise: Promise<unknown>): Promise<Status> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isApiError(error)) throw new Error(`expected an API error, got ${String(error)}`);
  return error.status;
}

describe('subresources', () => {
  it('binds a pod once', async () => {
    await thePods().create(podOf('once'));
    await thePods().subresource('once', 'binding', { target: { name: 'n1' } });
    const bound = await thePods().get('once');
    expect(bound.spec.nodeName).toBe('n1');
    expect(bound.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    expect((await refusal(thePods().subresource('once', 'binding', { target: { name: 'n2' } }))).reason).toBe(
      'Conflict',
    );
  });

  it('scales by Scale', async () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const draft: Draft<Deployment> = {
      metadata: { name: 'scaled' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    };
    await running.client.resource(deployments, 'default').create(draft);
    const path = '/apis/apps/v1/namespaces/default/deployments/scaled/scale';
    const scale = JSON.parse((await running.raw('GET', path)).text) as { spec: { replicas: number } };
    expect(scale).toMatchObject({ kind: 'Scale', status: { selector: 'a=b' } });
    expect((await running.raw('PUT', path, { body: { ...scale, spec: { replicas: 6 } } })).status).toBe(200);
    expect((await running.client.resource(deployments, 'default').get('scaled')).spec.replicas).toBe(6);
    expect(
      (
        await running.raw('PUT', path, {
          body: { ...scale, metadata: { name: 'scaled' }, spec: { replicas: -1 } },
        })
      ).status,
    ).toBe(422);
  });

  it('issues account tokens that authenticate, until the account is gone', async () => {
    const accounts = running.client.resource(serviceAccounts, 'default');
    await accounts.create({ metadata: { name: 'robot' } });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
    const { status } = await accounts.subresource<{ status: { token: string } }>('robot', 'token', request);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: status.token } };
    const ask = async (): Promise<unknown> =>
      JSON.parse((await running.raw('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: review })).text);
    expect(await ask()).toMatchObject({
      status: { authenticated: true, user: { username: 'system:serviceaccount:default:robot' } },
    });
    await accounts.delete('robot');
    expect(await ask()).toMatchObject({ status: { user: {}, error: expect.stringContaining('invalid') } });
  });
});

it('tells where its keys are by the address that pods reach it at', async () => {
  const behind = await startServer({ advertiseAddress: '10.9.8.7' });
  try {
    const { text } = await behind.raw('GET', '/.well-known/openid-configuration');
    const { port } = new URL(behind.url);
    expect(JSON.parse(text)).toMatchObject({ jwks_uri: `https://10.9.8.7:${port}/openid/v1/jwks` });
    const { keys } = JSON.parse((await behind.raw('GET', '/openid/v1/jwks')).text) as { keys: object[] };
    expect(keys).toHaveLength(1);
  } finally {
    await behind.close();
  }
});

describe('services', () => {
  const draft = (name: string, spec: object): Draft<Service> => ({
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...spec } as Service['spec'],
  });
  const client = () => running.client.resource(services, 'default');

  it('get an address and node ports of their own, and give them back', async () => {
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => client().create(draft(`s${index}`, { type: 'NodePort' }))),
    );
    const addresses = new Set(made.map(({ spec }) => spec.clusterIP));
    const ports = new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort));
    expect([addresses.size, ports.size]).toEqual([12, 12]);
    for (const { metadata } of made) await client().delete(metadata.name);
    await expect.poll(async () => (await running.client.resource(ipAddresses).list()).items.length).toBe(0);
  });

  it('keep what they have over updates, and cannot take what is taken', async () => {
    const first = await client().create(draft('first', { clusterIP: '10.96.0.50' }));
    expect(first.spec).toMatchObject({
      clusterIPs: ['10.96.0.50'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect((await refusal(client().create(draft('second', { clusterIP: '10.96.0.50' })))).message).toContain(
      'already allocated',
    );
    expect((await refusal(client().create(draft('third', { clusterIP: '192.168.0.1' })))).message).toContain(
      'not in the valid range',
    );
    const typed = await client().patch('first', { type: 'merge', body: { spec: { type: 'NodePort' } } });
    expect(typed.spec.clusterIP).toBe('10.96.0.50');
    expect(typed.spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30000);
    expect(
      (await refusal(client().patch('first', { type: 'merge', body: { spec: { clusterIP: '10.96.0.51' } } }))).code,
    ).toBe(422);
    const headless = await client().create(draft('headless', { clusterIP: 'None' }));
    expect(headless.spec.clusterIPs).toEqual(['None']);
  });
});

describe('access', () => {
  it('lets nobody in without a role', async () => {
    const stranger = await running.clientOf('stranger');
    expect((await refusal(stranger.resource(pods, 'default').list())).message).toBe(
      'pods is forbidden: User "stranger" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    await running.raw('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      body: {
        metadata: { name: 'strangers-view' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'stranger' }],
      },
    });
    await expect
      .poll(() =>
        stranger
          .resource(pods, 'default')
          .list()
          .then(
            () => true,
            () => false,
          ),
      )
      .toBe(true);
    expect((await refusal(stranger.resource(pods, 'default').delete('anything'))).reason).toBe('Forbidden');
  });

  it('lets kubelets be nodes, and read only what their pods refer to', async () => {
    const kubelet = await running.clientOf('system:node:worker', ['system:nodes']);
    await kubelet.resource(nodes).create({ metadata: { name: 'worker' }, spec: {} });
    await maps().create(configMap('mine'));
    await thePods().create(podOf('user', { volumes: [{ name: 'v', configMap: { name: 'mine' } }] }));
    expect((await refusal(kubelet.resource(configMaps, 'default').get('mine'))).reason).toBe('Forbidden');
    await thePods().subresource('user', 'binding', { target: { name: 'worker' } });
    expect((await kubelet.resource(configMaps, 'default').get('mine')).metadata.name).toBe('mine');
  });

  it('impersonates for those who may', async () => {
    const as = { 'impersonate-user': 'somebody' };
    expect((await running.raw('GET', '/api/v1/namespaces/default/secrets', { headers: as })).status).toBe(403);
  });
});

describe('versions', () => {
  it('serves events of both groups from one store', async () => {
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p' };
    const event = {
      metadata: { name: 'e1' },
      regarding,
      note: 'hello',
      reason: 'Testing',
      type: 'Normal',
      eventTime: '2026-11-23T00:00:00.000000Z',
      reportingController: 'test/c',
      reportingInstance: 'i',
      action: 'Try',
    };
    expect(
      (await running.raw('POST', '/apis/events.k8s.io/v1/namespaces/default/events', { body: event })).status,
    ).toBe(201);
    const core = JSON.parse(
      (await running.raw('GET', '/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=p')).text,
    ) as { items: object[] };
    expect(core.items).toMatchObject([
      { apiVersion: 'v1', message: 'hello', involvedObject: regarding, reportingComponent: 'test/c' },
    ]);
    const patched = await running.raw('PATCH', '/apis/events.k8s.io/v1/namespaces/default/events/e1', {
      body: { note: 'again' },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(JSON.parse(patched.text)).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'again', regarding });
  });

  it('serves autoscaling v1 over the stored v2', async () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 50 } } },
    ];
    const v2 = {
      metadata: { name: 'h' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 5, metrics },
    };
    const base = 'namespaces/default/horizontalpodautoscalers';
    expect((await running.raw('POST', `/apis/autoscaling/v2/${base}`, { body: v2 })).status).toBe(201);
    const v1 = JSON.parse((await running.raw('GET', `/apis/autoscaling/v1/${base}/h`)).text) as { spec: object };
    const changed = await running.raw('PUT', `/apis/autoscaling/v1/${base}/h`, {
      body: { ...v1, spec: { ...v1.spec, targetCPUUtilizationPercentage: 70 } },
    });
    expect(changed.status).toBe(200);
    const after = JSON.parse((await running.raw('GET', `/apis/autoscaling/v2/${base}/h`)).text) as {
      spec: { metrics: object[] };
    };
    expect(after.spec.metrics).toMatchObject([
      { resource: { name: 'cpu', target: { averageUtilization: 70 } } },
      { resource: { name: 'memory' } },
    ]);
  });

  it('speaks protobuf to those who take nothing else', async () => {
    const answer = await running.raw('GET', '/api/v1/namespaces/default', {
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
    });
    expect(answer.headers['content-type']).toBe('application/vnd.kubernetes.protobuf');
    expect(answer.text.startsWith('k8s\0')).toBe(true);
  });
});

describe('paths', () => {
  it.each([
    ['/api/v1/namespaces/default/pods/..%2f..%2fsecrets', 400],
    ['/api/v1/namespaces/default/pods/../secrets', 400],
    ['/api/v1/namespaces//pods', 400],
    ['/api/v1/namespaces/default/pods/%zz', 400],
    [`/api/v1/namespaces/default/pods/${'a'.repeat(300)}`, 400],
    ['/api/v1/namespaces/default/gadgets', 404],
    ['/apis/none.example/v1/things', 404],
    ['/nothing', 404],
  ])('%s answers %i', async (path, code) => {
    const answer = await running.raw('GET', path);
    expect(answer.status).toBe(code);
    expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', code });
  });

  it('answer bodies that cannot be read with a reason', async () => {
    const post = (body: string | Uint8Array, type = 'application/json') =>
      running.raw('POST', '/api/v1/namespaces/default/configmaps', { body, headers: { 'content-type': type } });
    expect((await post('{"metadata":')).status).toBe(400);
    expect((await post('[1,2]')).status).toBe(400);
    expect((await post(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)).status).toBe(400);
    expect((await post(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))).status).toBe(400);
    expect((await post('x'.repeat(4 * 1024 * 1024))).status).toBe(413);
    expect((await post('<xml/>', 'application/xml')).status).toBe(415);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}`;
    expect((await post(bomb, 'application/yaml')).status).toBe(400);
  });
});
