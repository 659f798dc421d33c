// Who gets in to the web shell, and who does not.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Services } from './services/contract.ts';
import { runWebShell, type WebShell } from './web.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const services: Services = {
  invoke: (command) => Promise.resolve({ ok: false, error: { reason: 'NotSupported', message: command, remedy: '' } }),
  subscribe: () => () => undefined,
  close: () => Promise.resolve(),
};

describe('the web shell', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-web-'));
  let shell: WebShell;

  beforeAll(async () => {
    const distDir = join(folder, 'renderer');
    mkdirSync(distDir);
    writeFileSync(join(distDir, 'index.html'), '<title>console</title>');
    writeFileSync(join(folder, 'secret.html'), 'outside');
    shell = await runWebShell({ services, distDir });
  });

  afterAll(async () => {
    await shell.close();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: shell.port, path, method, headers }, (response) => {
        let body = '';
        response.on('data', (data: Buffer) => (body += data.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
      sent.on('error', reject);
      sent.end();
    });
  const enter = async (): Promise<string> => {
    const { pathname, search } = new URL(shell.newUrl());
    const answer = await get(pathname + search);
    return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  };
  const dial = (headers: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${shell.port}/console`, { headers });
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'invoke', id: 1, command: 'settings.get', payload: {} }));
        socket.on('message', (data) => {
          resolve((data as Buffer).toString());
          socket.close();
        });
      });
      socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
      socket.on('error', () => undefined);
    });

  it('exchanges the one-time token for a strict, script-proof cookie, once', async () => {
    const { pathname, search } = new URL(shell.url);
    const first = await get(pathname + search);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']?.[0]).toMatch(/^pilothouse-\d+=.+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await get(pathname + search)).status).toBe(401);
    expect((await get(pathname + search, {}, 'HEAD')).status).toBe(401);
  });

  it('answers nothing without a session', async () => {
    expect((await get('/')).status).toBe(401);
    expect((await get('/index.html', { cookie: `pilothouse-${shell.port}=guess` })).status).toBe(401);
  });

  it('serves the page with a strict policy to who is in', async () => {
    const cookie = await enter();
    const page = await get('/', { cookie });
    expect(page).toMatchObject({ status: 200, body: '<title>console</title>' });
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.headers['x-frame-options']).toBe('DENY');
  });

  it.each(['/../secret.html', '/%2e%2e/secret.html', '/..%2fsecret.html', '/%00', '/nothing.html', '/%zz'])(
    'keeps %s in its folder',
    async (path) => {
      expect((await get(path, { cookie: await enter() })).status).toBe(404);
    },
  );

  it('refuses other names for this computer (DNS rebinding)', async () => {
    const cookie = await enter();
    expect((await get('/', { cookie, host: `evil.example:${shell.port}` })).status).toBe(421);
    expect((await get('/', { cookie, host: `localhost:${shell.port}` })).status).toBe(200);
  });

  it('refuses what is not reading', async () => {
    expect((await get('/', { cookie: await enter() }, 'POST')).status).toBe(405);
  });

  it('opens the socket only for its own page with a session', async () => {
    const cookie = await enter();
    const origin = `http://127.0.0.1:${shell.port}`;
    expect(await dial({ cookie, origin: 'http://evil.example' })).toBe('403');
    expect(await dial({ cookie })).toBe('403');
    expect(await dial({ origin })).toBe('401');
    expect(await dial({ cookie, origin, host: 'evil.example' })).toBe('421');
    expect(JSON.parse(await dial({ cookie, origin }))).toMatchObject({ type: 'result', id: 1 });
  });
});
