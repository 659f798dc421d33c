// Alerts: decided from facts, told once, and delivered by a real SMTP server and a real HTTP server on loopback.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import { silentLogger } from '../../../machinery/logger.ts';
import type { EtcdMemberHealth } from '../../../machinery/etcd/index.ts';
import type { ClusterData } from '../cluster-data.ts';
import { runAlerts } from './alerts.ts';
import { deliver } from './deliver.ts';
import { planMessages } from './plan-messages.ts';
import { findAlerts } from './rules.ts';
import type { Alert, Facts } from './rules.ts';
import type { AlertSettings } from './settings.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const day = 86_400_000;
const member = (name: string, healthy = true, dbInUseBytes = 0): EtcdMemberHealth => ({
  name,
  endpoint: name,
  healthy,
  leader: false,
  version: '3.4',
  dbSizeBytes: dbInUseBytes,
  dbInUseBytes,
  latencyMs: 1,
});
const facts = (more: Partial<Facts> = {}): Facts => ({
  nowMs: now,
  members: ['a', 'b', 'c'].map((name) => member(name)),
  quotaBytes: 1000,
  nodes: [{ name: 'n1', isReady: true, disk: { usedBytes: 10, capacityBytes: 100 } }],
  certificates: [{ where: 'm:apiserver.crt', notBeforeMs: now - 100 * day, notAfterMs: now + 265 * day }],
  backups: { masters: [] },
  ...more,
});
const ids = (more: Partial<Facts>): string[] => findAlerts(facts(more)).map(({ id }) => id);

describe('alerts are found', () => {
  it('in nothing that is well', () => expect(ids({})).toEqual([]));
  it.each([
    [['a'], 'quorum-at-risk'],
    [['a', 'b'], 'quorum-lost'],
  ])('when members %j are lost', (lost, kind) => {
    expect(ids({ members: ['a', 'b', 'c'].map((name) => member(name, !lost.includes(name))) })).toEqual([kind]);
  });
  it('when a machine is lost for a minute, not before', () => {
    const node = (ago: number) => [{ name: 'n1', isReady: false, notReadySinceMs: now - ago }];
    expect(ids({ nodes: node(59_000) })).toEqual([]);
    expect(ids({ nodes: node(61_000) })).toEqual(['machine-lost/n1']);
  });
  it('when a disk or etcd’s quota fills', () => {
    const nodes = [{ name: 'n1', isReady: true, disk: { usedBytes: 90, capacityBytes: 100 } }];
    expect(ids({ nodes, members: [member('a', true, 800)] })).toEqual(['disk-filling/n1', 'disk-filling/etcd/a']);
  });
  it('when a certificate was not renewed in time', () => {
    const certificate = (notAfterMs: number) => [{ where: 'm:x.crt', notBeforeMs: now - 300 * day, notAfterMs }];
    expect(ids({ certificates: certificate(now + 100 * day) })).toEqual([]);
    expect(ids({ certificates: certificate(now + 20 * day) })).toEqual(['certificate-ending/m:x.crt']);
  });
  it('when the schedule makes no proved backup, and not in its first two rounds', () => {
    const backups = (setAgo: number, provedAgo?: number) => ({
      schedule: { setAtMs: now - setAgo, everyMs: day },
      masters: [{ name: 'a', lastProvedMs: provedAgo === undefined ? undefined : now - provedAgo, error: 'disk full' }],
    });
    expect(ids({ backups: backups(day) })).toEqual([]);
    expect(ids({ backups: backups(30 * day, day) })).toEqual([]);
    expect(ids({ backups: backups(30 * day, 3 * day) })).toEqual(['backup-not-proved']);
    expect(ids({ backups: backups(3 * day) })).toEqual(['backup-not-proved']);
  });
});

it('tells an alert that holds once, again after hours, and its end', () => {
  const alert: Alert = { id: 'x', kind: 'quorum-at-risk', subject: 'a', values: {} };
  let states: Parameters<typeof planMessages>[0] = [];
  const look = (found: Alert[], atMs: number): string[] => {
    const plan = planMessages(states, found, atMs);
    states = plan.states;
    return plan.messages.map(({ state }) => state);
  };
  expect(look([alert], 0)).toEqual([]);
  expect(look([alert], 15_000)).toEqual(['firing']);
  expect(look([alert], 30_000)).toEqual([]);
  expect(look([alert], 5 * 3_600_000)).toEqual(['firing']);
  expect(look([], 6 * 3_600_000)).toEqual(['resolved']);
  expect(look([alert], 7 * 3_600_000)).toEqual([]);
  expect(look([], 7 * 3_600_000 + 1)).toEqual([]);
});

describe('delivery', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });

  async function startMailbox(): Promise<{ port: number; mails: string[]; logins: string[] }> {
    const mails: string[] = [];
    const logins: string[] = [];
    const server = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth({ username, password }, _session, done) {
        logins.push(`${username}:${password}`);
        if (password === 'right') done(null, { user: username ?? '' });
        else done(new Error('wrong password'));
      },
      onData(stream, _session, done) {
        let text = '';
        stream.setEncoding('utf8').on('data', (part: string) => (text += part));
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise<void>((resolve) => server.close(resolve)));
    return { port: (server.server.address() as AddressInfo).port, mails, logins };
  }
  async function startHook(status = 204): Promise<{ url: string; calls: { body: string; signature?: string }[] }> {
    const calls: { body: string; signature?: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        calls.push({ body, signature: request.headers['x-pilothouse-signature'] as string | undefined });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls };
  }
  const settingsFor = (port: number, url: string, more: Partial<AlertSettings> = {}): AlertSettings => ({
    email: {
      host: '127.0.0.1',
      port,
      security: 'none',
      user: 'me',
      password: 'right',
      from: 'cluster@example.com',
      to: ['admin@example.com'],
    },
    webhooks: [{ url, secret: 'shared' }],
    language: 'en',
    cluster: 'demo',
    ...more,
  });
  const alert: Alert = {
    id: 'machine-lost/worker-1',
    kind: 'machine-lost',
    subject: 'worker-1',
    values: { machine: 'worker-1', since: '2026-11-23T12:00:00Z', reason: 'no heartbeat' },
  };
  const message = { state: 'firing' as const, alert, sinceMs: now };

  it('brings the sentence and the next step by mail, and the same signed to a webhook', async () => {
    const [box, hook] = [await startMailbox(), await startHook()];
    const sent = await deliver(settingsFor(box.port, hook.url), message, now);
    expect(sent.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(box.mails[0]).toMatch(/Subject: \[demo\] ALERT: Machine worker-1 is lost/);
    expect(box.mails[0]).toContain('Next step: Check its power and network');
    const [call] = hook.calls;
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ cluster: 'demo', state: 'firing', id: alert.id });
    expect(call?.signature).toBe(
      `sha256=${createHmac('sha256', 'shared')
        .update(call?.body ?? '')
        .digest('hex')}`,
    );
  });

  it('speaks Chinese to those who want it', async () => {
    const hook = await startHook();
    await deliver({ webhooks: [{ url: hook.url }], language: 'zh-CN', cluster: 'demo' }, message, now);
    expect(hook.calls[0]?.body).toContain('机器 worker-1');
    expect(hook.calls[0]?.signature).toBeUndefined();
  });

  it('goes on by the other way when one fails, and says which', async () => {
    const [box, hook] = [await startMailbox(), await startHook(500)];
    const wrong = settingsFor(box.port, hook.url);
    const settings = { ...wrong, email: wrong.email && { ...wrong.email, password: 'wrong' } };
    const sent = await deliver(settings, message, now);
    expect(sent.map(({ error }) => error !== undefined)).toEqual([true, true]);
    const half = await deliver(settingsFor(box.port, hook.url), message, now);
    expect(half.map(({ error }) => error !== undefined)).toEqual([true, false]);
  });

  it('is done by the elected master alone, once, and by everyone when the quorum is lost', async () => {
    const hook = await startHook();
    const kept: Record<string, string> = {};
    let answers = true;
    const data: ClusterData = {
      readSecret: () =>
        answers
          ? Promise.resolve({
              data: { 'settings.json': JSON.stringify({ webhooks: [{ url: hook.url }] }) },
              createdAtMs: now,
            })
          : Promise.reject(new Error('no quorum')),
      readConfigMap: (name) =>
        answers
          ? Promise.resolve(name === 'pilothouse-alerts' ? { ...kept } : undefined)
          : Promise.reject(new Error('-')),
      patchConfigMap: (_name, patch) => Promise.resolve(void Object.assign(kept, patch)),
      get: () => Promise.resolve(undefined),
    };
    let members = [member('a'), member('b'), member('c', false)];
    const etcd = { health: () => Promise.resolve(members) };
    const ending = new AbortController();
    const clock = createFakeClock();
    const start = (isElected: boolean): Promise<void> =>
      runAlerts({
        data,
        etcd,
        clock,
        isElected: () => isElected,
        master: 'a',
        pkiDir: '/nowhere',
        logger: silentLogger,
        signal: ending.signal,
      });
    const running = [start(true), start(false)];
    const kinds = (): string[] => hook.calls.map(({ body }) => (JSON.parse(body) as { id: string }).id);
    const looks = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        // Each look reads files: both masters must be waiting for the next one before time moves on.
        await expect.poll(() => clock.pendingTimers, { interval: 5 }).toBe(2);
        await clock.advance(15_000);
      }
    };
    await looks(2);
    await expect.poll(kinds).toEqual(['quorum-at-risk']);
    await looks(5);
    expect(kinds()).toEqual(['quorum-at-risk']);
    answers = false;
    members = [member('a'), member('b', false), member('c', false)];
    await looks(4);
    await expect.poll(() => kinds().filter((id) => id === 'quorum-lost').length).toBe(2);
    ending.abort();
    await Promise.all(running);
  });
});
