import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ClusterFileError, createClusterSpec, formatClusterFile, readClusterFile } from './cluster-file.ts';
import type { MachineFacts } from './contract.ts';
import { planCluster } from './plan/plan-cluster.ts';
import { siteFiles } from './steps/site.ts';
import { certificate } from './site-settings.testing.ts';

const cluster = (site?: object) => ({
  name: 'demo',
  machines: [{ name: 'm1', address: '10.0.0.1', role: 'both' }],
  ...(site === undefined ? {} : { settings: { site } }),
});
const facts = { osId: 'debian', osCodename: 'bookworm' } as MachineFacts;
const filesOf = (site: object): Record<string, string> =>
  Object.fromEntries(
    siteFiles({ spec: createClusterSpec(cluster(site)), facts }).map(({ path, content }) => [path, content]),
  );

test('without settings nothing is planned; with some, everything else waits for them', () => {
  expect(planCluster(createClusterSpec(cluster())).steps.map(({ kind }) => kind)).not.toContain('site');
  const { steps } = planCluster(createClusterSpec(cluster({})));
  const needs = (kind: string): unknown => steps.find((step) => step.kind === kind)?.needs;
  expect(needs('etcd-package')).toEqual(['site@m1']);
  expect(needs('packages')).toEqual(['etcd-package@m1']);
});

test('a proxy is told to apt and Docker, and never asked for what the cluster itself is', () => {
  const files = filesOf({ httpProxy: 'http://proxy.site:3128', noProxy: ['.site', 'mirror.site'] });
  expect(files['/etc/apt/apt.conf.d/95pilothouse-site']?.split('\n')).toEqual(
    expect.arrayContaining([
      'Acquire::http::Proxy "http://proxy.site:3128";',
      'Acquire::http::Proxy::10.0.0.1 "DIRECT";',
      'Acquire::http::Proxy::mirror.site "DIRECT";',
    ]),
  );
  const docker = files['/etc/systemd/system/docker.service.d/pilothouse-site.conf'] ?? '';
  expect(docker).toContain('Environment="HTTP_PROXY=http://proxy.site:3128"');
  expect(docker).toMatch(/NO_PROXY=.*10\.0\.0\.1,10\.244\.0\.0\/16,10\.96\.0\.0\/16,\.svc,\.cluster\.local,\.site/);
  expect(docker).not.toContain('HTTPS_PROXY');
});

test('a mirror of packages is a source in the form of the machine’s own system', () => {
  const files = filesOf({ packageMirror: 'https://mirror.site/debian' });
  expect(files).toEqual({
    '/etc/apt/sources.list.d/pilothouse-site.list': 'deb https://mirror.site/debian bookworm main\n',
  });
});

test('authorities are read from files, and travel in the cluster file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-site-'));
  try {
    certificate(folder, 'ca', { isAuthority: true });
    const spec = createClusterSpec(cluster({ certificateAuthorities: ['ca.crt'] }), { baseDir: folder });
    expect(spec.settings.site?.certificateAuthorities).toEqual([readFileSync(join(folder, 'ca.crt'), 'utf8')]);
    expect(readClusterFile(formatClusterFile(spec)).settings.site).toEqual(spec.settings.site);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what cannot be used is refused with its place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-site-'));
  const problem = (site: object): string => {
    try {
      createClusterSpec(cluster(site), { baseDir: folder });
    } catch (error) {
      if (error instanceof ClusterFileError) return error.problems.map(({ en }) => en).join('\n');
      throw error;
    }
    return '';
  };
  try {
    certificate(folder, 'leaf', { isAuthority: false });
    execFileSync('cp', ['/dev/null', join(folder, 'empty.crt')]);
    expect(problem({ httpProxy: 'http://user:word@proxy:1' })).toContain(
      'settings.site.httpProxy: must be an http(s) URL',
    );
    expect(problem({ httpProxy: 'ftp://proxy' })).toContain('settings.site.httpProxy');
    expect(problem({ httpProxy: 'http://proxy/"; evil' })).toContain('settings.site.httpProxy');
    expect(problem({ noProxy: ['a"b'] })).toContain('settings.site.noProxy.0');
    expect(problem({ certificateAuthorities: ['empty.crt'] })).toContain(
      'certificateAuthorities.0: holds no certificate',
    );
    expect(problem({ certificateAuthorities: ['absent.crt'] })).toContain('certificateAuthorities.0: ENOENT');
    expect(problem({ certificateAuthorities: ['leaf.crt'] })).toContain('is not an authority');
    expect(problem({ proxy: 'x' })).toContain('proxy');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
