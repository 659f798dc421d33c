import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clusterOf, formatKubeconfig, loadKubeconfig } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a kubeconfig', () => {
  it('is read back as it was written, further servers included', () => {
    const access = {
      servers: ['https://10.0.0.1:6443', 'https://10.0.0.2:6443'],
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      namespace: 'default',
    };
    expect(clusterOf(loadKubeconfig(formatKubeconfig('lab', access)))).toMatchObject(access);
  });

  it('finds certificates in files beside it', () => {
    writeFileSync(join(folder, 'ca.crt'), 'CA PEM');
    writeFileSync(
      join(folder, 'config'),
      `
apiVersion: v1
clusters: [{name: c, cluster: {server: "https://host:6443/", certificate-authority: ca.crt, tls-server-name: api}}]
users: [{name: u, user: {tokenFile: token}}]
contexts: [{name: x, context: {cluster: c, user: u, namespace: dev}}]
current-context: x
`,
    );
    expect(clusterOf(loadKubeconfig(join(folder, 'config')))).toMatchObject({
      servers: ['https://host:6443'],
      ca: 'CA PEM',
      serverName: 'api',
      tokenFile: join(folder, 'token'),
      namespace: 'dev',
    });
  });

  const withUser = (user: object, cluster: object = {}, more: object = {}) =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://host', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      ...more,
    });

  it.each<[string, object, object, object]>([
    ['a token', { token: 't' }, {}, { token: 't' }],
    ['basic', { username: 'a', password: 'b' }, {}, { username: 'a', password: 'b' }],
    [
      'inline certificates',
      { 'client-certificate-data': base64('C'), 'client-key-data': base64('K') },
      {},
      { cert: 'C', key: 'K' },
    ],
    ['no verification', {}, { 'insecure-skip-tls-verify': true }, { insecure: true }],
  ])('gives %s', (_title, user, cluster, expected) => {
    expect(clusterOf(loadKubeconfig(withUser(user, cluster)))).toMatchObject(expected);
  });

  it.each<[string, string, RegExp]>([
    ['a plugin', withUser({ exec: { command: 'aws' } }), /exec plugin aws.*token or a client certificate/],
    ['a proxy', withUser({}, { 'proxy-url': 'http://p' }), /proxy-url/],
    ['an unknown context', withUser({}, {}, { 'current-context': 'y' }), /no context "y"/],
    ['no such file', '/nowhere/config', /no kubeconfig at/],
    ['no YAML', 'clusters: [\n', /not YAML/],
  ])('says what is wrong with %s', (_title, text, message) => {
    expect(() => clusterOf(loadKubeconfig(text))).toThrow(message);
  });
});
