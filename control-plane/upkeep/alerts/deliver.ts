// Sends messages by e-mail and webhook. Each way is tried on its own: one that fails is told and does not keep the others
// from being sent.
import { createHmac } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { AlertMessage } from './plan-messages.ts';
import { describe, words } from './sentences.data.ts';
import type { AlertSettings } from './settings.ts';

const timeoutMs = 15_000;

/** What goes over a webhook, as JSON. */
export interface WebhookBody {
  readonly version: 1;
  readonly cluster: string;
  readonly state: AlertMessage['state'] | 'test';
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly since: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface Sent {
  readonly way: string;
  readonly error?: string;
}

/** Sends one message every way the settings name; answers how each went. */
export function deliver(settings: AlertSettings, message: AlertMessage | 'test', nowMs: number): Promise<Sent[]> {
  const body = bodyOf(settings, message, nowMs);
  const { email, webhooks } = settings;
  const ways: Promise<Sent>[] = webhooks.map(({ url, secret }) =>
    sent(new URL(url).host, () => post(url, secret, body)),
  );
  if (email !== undefined) ways.push(sent(email.to.join(', '), () => mail(settings, email, body)));
  return Promise.all(ways);
}

async function sent(way: string, send: () => Promise<void>): Promise<Sent> {
  try {
    await send();
    return { way };
  } catch (error) {
    return { way, error: error instanceof Error ? error.message : String(error) };
  }
}

function bodyOf({ language, cluster }: AlertSettings, message: AlertMessage | 'test', nowMs: number): WebhookBody {
  const since = new Date(message === 'test' ? nowMs : message.sinceMs).toISOString();
  if (message === 'test') {
    const text = words[language].test;
    return { version: 1, cluster, state: 'test', id: 'test', kind: 'test', subject: cluster, since, message: text };
  }
  const { id, kind, subject, values } = message.alert;
  return { version: 1, cluster, state: message.state, id, kind, subject, since, ...describe(kind, values, language) };
}

async function post(url: string, secret: string | undefined, body: WebhookBody): Promise<void> {
  const text = JSON.stringify(body);
  const headers: Record<string, string> = { 'content-type': 'application/json', 'user-agent': 'pilothouse-alerts' };
  if (secret !== undefined)
    headers['x-pilothouse-signature'] = `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: text,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
}

async function mail(
  { language }: AlertSettings,
  email: NonNullable<AlertSettings['email']>,
  body: WebhookBody,
): Promise<void> {
  const { host, port, security, user, password, ca } = email;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    auth: user === undefined ? undefined : { user, pass: password ?? '' },
    tls: ca === undefined ? undefined : { ca },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  try {
    const say = words[language];
    const mark = body.state === 'resolved' ? say.resolved : say.firing;
    const remedy = body.remedy === undefined || body.state === 'resolved' ? '' : `\n\n${say.next}: ${body.remedy}`;
    await transport.sendMail({
      from: email.from,
      to: [...email.to],
      subject: `[${body.cluster}] ${mark}: ${body.message}`.slice(0, 200),
      text: `${body.message}${remedy}\n\n${body.cluster} · ${body.since}\n`,
      headers: { 'X-Pilothouse-Alert': body.id },
    });
  } finally {
    transport.close();
  }
}
