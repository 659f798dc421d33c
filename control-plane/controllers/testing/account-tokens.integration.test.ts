// Tokens by Secret on a real API server: filled, good for requests, and void with their Secret or account.
import { afterEach, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { secrets, serviceAccounts } from '../../../api/kinds/core/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

it('a Secret of an account is filled with its token, and goes with the account', async () => {
  cluster = await startCluster({ nodes: 0, only: ['service-account-token'] });
  const api = cluster.client.resource(secrets, 'default');
  const accounts = cluster.client.resource(serviceAccounts, 'default');
  const account = await accounts.create({ metadata: { name: 'robot' } });
  const annotations = { 'kubernetes.io/service-account.name': 'robot' };
  await api.create({ metadata: { name: 'robot-token', annotations }, type: 'kubernetes.io/service-account-token' });
  const filled = await waitFor(
    async () => {
      const secret = await api.get('robot-token');
      return secret.data?.['token'] ? secret : undefined;
    },
    { timeoutMs: 10_000, what: 'the token' },
  );
  const text = (key: string): string => Buffer.from(filled.data?.[key] ?? '', 'base64').toString();
  expect(text('namespace')).toBe('default');
  expect(text('ca.crt')).toContain('BEGIN CERTIFICATE');
  expect(filled.metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(account.metadata.uid);
  const claims = JSON.parse(Buffer.from(text('token').split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
  expect(claims.sub).toBe('system:serviceaccount:default:robot');
  await accounts.delete('robot');
  await waitFor(async () => (await api.list()).items.every(({ metadata }) => metadata.name !== 'robot-token'), {
    timeoutMs: 10_000,
    what: 'the Secret to go',
  });
}, 30_000);
