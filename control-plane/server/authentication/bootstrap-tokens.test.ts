// Bootstrap tokens as machines that nobody knows yet use them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secrets } from '../../../api/kinds/core/index.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

const secret = '0123456789abcdef';

async function store(
  id: string,
  fields: Record<string, string>,
  type = 'bootstrap.kubernetes.io/token',
): Promise<void> {
  const stringData = { 'token-id': id, 'token-secret': secret, 'usage-bootstrap-authentication': 'true', ...fields };
  await running.client
    .resource(secrets, 'kube-system')
    .create({ metadata: { name: `bootstrap-token-${id}` }, type, stringData });
}

/** What a TokenReview says of a token. */
async function review(token: string, audiences?: string[]): Promise<{ authenticated?: boolean; user: unknown }> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
  const { text } = await running.raw('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
  return (JSON.parse(text) as { status: { authenticated?: boolean; user: unknown } }).status;
}

describe('a bootstrap token', () => {
  it('is a user of system:bootstrappers and of the groups that it names, until its Secret is gone', async () => {
    await store('aaaaaa', { 'auth-extra-groups': 'system:bootstrappers:pilothouse:nodes' });
    const token = `aaaaaa.${secret}`;
    expect(await review(token)).toMatchObject({
      authenticated: true,
      user: {
        username: 'system:bootstrap:aaaaaa',
        groups: ['system:bootstrappers', 'system:bootstrappers:pilothouse:nodes', 'system:authenticated'],
      },
    });
    await running.client.resource(secrets, 'kube-system').delete('bootstrap-token-aaaaaa');
    expect((await review(token)).authenticated).toBeUndefined();
  });

  it('asks as itself: known, and allowed nothing without a role', async () => {
    await store('bbbbbb', {});
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const ask = async (token: string, method: string, url: string, body?: object): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await running.raw(method, url, { body, headers, withoutCertificate: true })).status;
    };
    const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    expect(await ask(`bbbbbb.${secret}`, 'POST', path, kind)).toBe(201);
    expect(await ask(`bbbbbb.${secret}`, 'GET', '/api/v1/nodes')).toBe(403);
    expect(await ask('bbbbbb.ffffffffffffffff', 'GET', '/api/v1/nodes')).toBe(401);
  });

  it.each([
    ['that may only sign', 'cccccc', { 'usage-bootstrap-authentication': 'false' }],
    ['that has run out', 'dddddd', { expiration: '2020-01-01T00:00:00Z' }],
    ['whose end cannot be read', 'eeeeee', { expiration: 'soon' }],
    ['that asks for groups beyond its own', 'ffffff', { 'auth-extra-groups': 'system:masters' }],
    ['under another token’s name', 'gggggg', { 'token-id': 'hhhhhh' }],
    ['of a secret too short', 'iiiiii', { 'token-secret': '0123456789abcde' }],
  ])('%s is nobody', async (_title, id, fields) => {
    await store(id, fields);
    expect((await review(`${id}.${secret}`)).authenticated).toBeUndefined();
  });

  it('is nobody in a Secret of another type, or for other audiences', async () => {
    await store('jjjjjj', {}, 'Opaque');
    expect((await review(`jjjjjj.${secret}`)).authenticated).toBeUndefined();
    await store('kkkkkk', {});
    expect((await review(`kkkkkk.${secret}`, ['somebody-else'])).authenticated).toBeUndefined();
  });
});
