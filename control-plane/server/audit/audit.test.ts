import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import { silentLogger } from '../../../machinery/logger.ts';
import { encodeProtobuf } from '../../../api/schema/protobuf/index.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';
import type { AuditEvent } from './event.ts';
import { openAuditLog, type AuditLog } from './log-file.ts';
import { createAuditDecider, type AuditedRequest } from './policy.ts';
import { readAuditPolicy } from './read-policy.ts';

const header = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

describe('the policy', () => {
  const policy = readAuditPolicy(`${header}
omitStages: [RequestReceived]
rules:
  - level: None
    users: ['system:kube-proxy']
    verbs: [watch]
    resources: [{group: '', resources: [endpoints, services]}]
  - level: None
    nonResourceURLs: ['/healthz*', '/version']
  - level: Metadata
    resources: [{group: '', resources: [secrets, pods/log, 'serviceaccounts/*', '*/status']}]
  - level: Request
    userGroups: [admins]
    namespaces: [kube-system]
    omitStages: [ResponseStarted]
  - level: RequestResponse
    resources: [{group: apps, resources: ['*'], resourceNames: [web]}, {group: batch}]
  - level: Metadata
    nonResourceURLs: ['*']
`);
  const decide = createAuditDecider(policy);
  const asked = (facts: Partial<AuditedRequest>): AuditedRequest => ({
    username: 'u',
    groups: [],
    verb: 'get',
    isResource: true,
    group: '',
    resource: 'configmaps',
    subresource: '',
    namespace: 'default',
    name: '',
    path: '',
    ...facts,
  });

  it.each<[string, Partial<AuditedRequest>, string]>([
    ['by user, verb and resource', { username: 'system:kube-proxy', verb: 'watch', resource: 'services' }, 'None'],
    ['not when one of them differs', { username: 'system:kube-proxy', verb: 'list', resource: 'services' }, 'None'],
    ['by a path’s beginning', { isResource: false, path: '/healthz/etcd' }, 'None'],
    ['by any path', { isResource: false, path: '/metrics' }, 'Metadata'],
    ['by resource', { resource: 'secrets' }, 'Metadata'],
    ['a resource is not its subresource', { resource: 'secrets', subresource: 'x' }, 'None'],
    ['by subresource', { resource: 'pods', subresource: 'log' }, 'Metadata'],
    ['by all subresources of a resource', { resource: 'serviceaccounts', subresource: 'token' }, 'Metadata'],
    ['by a subresource of all resources', { resource: 'nodes', subresource: 'status' }, 'Metadata'],
    ['by group of users and namespace', { groups: ['admins'], namespace: 'kube-system' }, 'Request'],
    ['by name', { group: 'apps', resource: 'deployments', name: 'web' }, 'RequestResponse'],
    ['not by another name', { group: 'apps', resource: 'deployments', name: 'api' }, 'None'],
    ['by group alone', { group: 'batch', resource: 'jobs' }, 'RequestResponse'],
    ['nothing that no rule names', {}, 'None'],
  ])('matches %s', (_title, facts, level) => {
    expect(decide(asked(facts)).level).toBe(level);
  });

  it('adds up the stages that are left out', () => {
    const { omitStages } = decide(asked({ groups: ['admins'], namespace: 'kube-system' }));
    expect([...omitStages]).toEqual(['RequestReceived', 'ResponseStarted']);
  });

  it.each([
    ['rules: []', 'rules: at least one rule is needed'],
    ['rules: [{level: Everything}]', 'rules[0].level: must be one of None, Metadata, Request, RequestResponse'],
    ['rules: [{level: None, user: [a]}]', 'rules[0]: unknown field "user"'],
    ['rules: [{level: None, omitStages: [Late]}]', 'rules[0].omitStages: "Late" is none of'],
    ['rules: [{level: None, nonResourceURLs: ["a*"]}]', 'must begin with "/"'],
    ['rules: [{level: None, nonResourceURLs: ["/a"], namespaces: [b]}]', 'cannot apply to both'],
    ['rules: [{level: None, resources: [{group: apps/v1}]}]', 'without a version'],
    ['rules: [{level: None, resources: [{resourceNames: [a]}]}]', 'requires at least one resource'],
    ['rules: {', 'not valid YAML'],
  ])('refuses %s', (text, why) => {
    expect(() => readAuditPolicy(`${header}${text}`)).toThrow(why);
  });
});

describe('a server with a policy', () => {
  let running: RunningServer;
  const events: AuditEvent[] = [];
  const policy = readAuditPolicy(`${header}
omitManagedFields: true
rules:
  - {level: Metadata, resources: [{group: '', resources: [secrets]}]}
  - {level: RequestResponse, resources: [{group: '', resources: [configmaps]}]}
  - {level: Request, resources: [{group: '', resources: [namespaces]}]}
`);
  beforeAll(async () => {
    running = await startServer({ audit: { policy, sink: { write: (event) => events.push(structuredClone(event)) } } });
  });
  afterAll(() => running.close());
  afterEach(() => {
    events.length = 0;
  });
  const json = { 'content-type': 'application/json' };
  const stages = (): string[] => events.map(({ stage }) => stage);

  it('records who did what to which object, with both bodies', async () => {
    const answer = await running.raw('POST', '/api/v1/namespaces/default/configmaps', {
      body: { metadata: { name: 'noted' }, data: { a: 'b' } },
      headers: { ...json, 'user-agent': 'tester', 'x-forwarded-for': '203.0.113.9' },
    });
    expect(stages()).toEqual(['RequestReceived', 'ResponseComplete']);
    const [received, complete] = events;
    expect(received?.responseStatus).toBeUndefined();
    expect(complete).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: answer.headers['audit-id'],
      requestURI: '/api/v1/namespaces/default/configmaps',
      verb: 'create',
      user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['203.0.113.9', '127.0.0.1'],
      userAgent: 'tester',
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'noted', apiVersion: 'v1' },
      responseStatus: { code: 201 },
      requestObject: { metadata: { name: 'noted' }, data: { a: 'b' } },
      responseObject: { kind: 'ConfigMap', data: { a: 'b' } },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
    expect(JSON.stringify(complete)).not.toContain('managedFields');
  });

  it('keeps the content of secrets out of metadata', async () => {
    const body = { metadata: { name: 's' }, stringData: { password: 'hunter2' } };
    await running.raw('POST', '/api/v1/namespaces/default/secrets', { body, headers: json });
    expect(events.at(-1)?.objectRef?.name).toBe('s');
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(JSON.stringify(events)).not.toContain(Buffer.from('hunter2').toString('base64'));
  });

  it('reads protobuf bodies', async () => {
    const body = encodeProtobuf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'proto' } });
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    await running.raw('POST', '/api/v1/namespaces', { body, headers });
    expect(events.at(-1)?.requestObject).toMatchObject({ kind: 'Namespace', metadata: { name: 'proto' } });
    expect(events.at(-1)?.responseObject).toBeUndefined();
  });

  it('tells refusals with their reason, and impersonation', async () => {
    const headers = { 'impersonate-user': 'eve' };
    const { status } = await running.raw('GET', '/api/v1/namespaces/default/secrets/s', { headers });
    expect(status).toBe(403);
    expect(events.at(-1)).toMatchObject({
      user: { username: 'kubernetes-admin' },
      impersonatedUser: { username: 'eve' },
      responseStatus: { code: 403, reason: 'Forbidden' },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
  });

  it('records watches when they begin and when they end', async () => {
    await running.raw('GET', '/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1');
    expect(stages()).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
  });

  it('says nothing of what the policy leaves out', async () => {
    const { headers } = await running.raw('GET', '/api/v1/namespaces/default/pods');
    expect(events).toEqual([]);
    expect(headers['audit-id']).toBeUndefined();
  });
});

describe('the log', () => {
  let folder: string;
  let log: AuditLog | undefined;
  const clock = createFakeClock();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-audit-'));
  });
  afterEach(() => log?.close());
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const event = (auditID: string): AuditEvent => ({ auditID, padding: 'x'.repeat(400) }) as unknown as AuditEvent;
  const open = async (name: string, limits: object = {}): Promise<AuditLog> => {
    const path = join(folder, name, 'audit.log');
    const defaults = { maxSizeBytes: 1000, maxBackups: 2, maxAgeMs: 0, clock, logger: silentLogger };
    return (log = await openAuditLog({ path, ...defaults, ...limits }));
  };
  const idsIn = async (path: string): Promise<string[]> =>
    (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditEvent).auditID);

  it('writes one JSON line for each event, in order, after what was there', async () => {
    const first = await open('plain', { maxSizeBytes: 1e6 });
    first.write(event('a'));
    await first.close();
    const second = await open('plain', { maxSizeBytes: 1e6 });
    second.write(event('b'));
    second.write(event('c'));
    await second.close();
    expect(await idsIn(join(folder, 'plain/audit.log'))).toEqual(['a', 'b', 'c']);
    expect(second.written).toBe(2);
  });

  it('puts full files aside, loses no line, and keeps as many as it is told', async () => {
    const opened = await open('rotating');
    for (const id of 'abcdefghij') {
      await clock.advance(1000);
      opened.write(event(id));
    }
    await opened.close();
    const names = (await readdir(join(folder, 'rotating'))).sort();
    expect(names).toHaveLength(3);
    expect(names.every((name) => /^audit(-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})?\.log$/.test(name))).toBe(true);
    const kept = (await Promise.all(names.map((name) => idsIn(join(folder, 'rotating', name))))).flat();
    expect(kept).toEqual([...'abcdefghij'].slice(-kept.length));
  });

  it('drops and counts what does not fit its memory', async () => {
    const opened = await open('bounded', { maxBufferedBytes: 1000 });
    for (const id of 'abcdef') opened.write(event(id));
    await opened.close();
    expect(opened.dropped).toBe(4);
    expect(await idsIn(join(folder, 'bounded/audit.log'))).toEqual(['a', 'b']);
  });
});
