// Pod Security as clients meet it: namespaces with labels, pods refused, workloads warned of.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namespaces, serviceAccounts } from '../../api/kinds/core/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;

async function namespace(name: string, labels: Record<string, string>): Promise<void> {
  const qualified = Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]);
  await running.client
    .resource(namespaces)
    .create({ metadata: { name, labels: Object.fromEntries(qualified) }, spec: {} });
  await running.client.resource(serviceAccounts, name).create({ metadata: { name: 'default' } });
}
const podSpec = (securityContext: object): object => ({ containers: [{ name: 'c', image: 'i', securityContext }] });
const post = (path: string, body: object): ReturnType<RunningServer['raw']> =>
  running.raw('POST', path, { body, headers: { 'content-type': 'application/json' } });
const createPod = (space: string, name: string, securityContext: object): ReturnType<RunningServer['raw']> =>
  post(`/api/v1/namespaces/${space}/pods`, { metadata: { name }, spec: podSpec(securityContext) });

beforeAll(async () => {
  running = await startServer({
    podSecurity: { exemptions: { namespaces: ['exempt'], usernames: ['trusted'], runtimeClasses: ['sandbox'] } },
  });
  await namespace('base', { enforce: 'baseline' });
  await namespace('warned', { warn: 'restricted', audit: 'restricted' });
  await namespace('free', {});
});
afterAll(() => running.close());

describe('pods', () => {
  it('refuses a pod outside the enforced level and says why', async () => {
    const { status, text } = await createPod('base', 'bad', { privileged: true });
    expect(status).toBe(403);
    expect((JSON.parse(text) as { message: string }).message).toBe(
      'pods "bad" is forbidden: violates PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)',
    );
  });

  it('takes the same pod where nothing is enforced, and a harmless one where baseline is', async () => {
    expect((await createPod('free', 'bad', { privileged: true })).status).toBe(201);
    expect((await createPod('base', 'good', {})).status).toBe(201);
  });

  it('warns of a pod that only a warning level forbids', async () => {
    const { status, headers } = await createPod('warned', 'bare', {});
    expect(status).toBe(201);
    expect(headers['warning']).toMatch(
      /^299 - "would violate PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation/,
    );
  });

  it('judges ephemeral containers that are added later, but not labels', async () => {
    await createPod('base', 'running', {});
    const patch = (path: string, body: object): ReturnType<RunningServer['raw']> =>
      running.raw('PATCH', `/api/v1/namespaces/base/pods/running${path}`, {
        body,
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
      });
    expect((await patch('', { metadata: { labels: { a: 'b' } } })).status).toBe(200);
    const debug = { name: 'd', image: 'i', securityContext: { privileged: true } };
    const refused = await patch('/ephemeralcontainers', { spec: { ephemeralContainers: [debug] } });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('violates PodSecurity');
  });
});

describe('workloads', () => {
  it('warns, and lets the pods be refused', async () => {
    const { status, headers } = await post('/apis/apps/v1/namespaces/base/deployments', {
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: podSpec({ privileged: true }) },
      },
    });
    expect(status).toBe(201);
    expect(headers['warning']).toContain('would violate PodSecurity \\"baseline:latest\\": privileged');
  });
});

describe('namespaces', () => {
  const labelled = (name: string, labels: Record<string, string>): ReturnType<RunningServer['raw']> =>
    running.raw('PATCH', `/api/v1/namespaces/${name}`, {
      body: { metadata: { labels } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });

  it('refuses levels that do not exist', async () => {
    const { status, text } = await labelled('free', { 'pod-security.kubernetes.io/enforce': 'strict' });
    expect(status).toBe(422);
    expect(text).toContain('must be one of privileged, baseline, restricted');
  });

  it('warns of pods that run already when the level rises', async () => {
    await createPod('free', 'second', { privileged: true });
    const { status, headers } = await labelled('free', { 'pod-security.kubernetes.io/enforce': 'baseline' });
    expect(status).toBe(200);
    expect(headers['warning']).toContain(
      'existing pods in namespace \\"free\\" violate the new PodSecurity enforce level \\"baseline:latest\\"',
    );
    expect(headers['warning']).toContain('bad (and 1 other pod): privileged');
    const back = await labelled('free', { 'pod-security.kubernetes.io/enforce': 'privileged' });
    expect(back.headers['warning']).toBeUndefined();
  });

  it('says that an exempt namespace’s labels mean nothing, and holds its pods to nothing', async () => {
    const body = { metadata: { name: 'exempt', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };
    const { headers } = await post('/api/v1/namespaces', body);
    expect(headers['warning']).toContain('is exempt from Pod Security, and the policy (enforce=restricted:latest)');
    await running.client.resource(serviceAccounts, 'exempt').create({ metadata: { name: 'default' } });
    expect((await createPod('exempt', 'any', { privileged: true })).status).toBe(201);
  });
});
