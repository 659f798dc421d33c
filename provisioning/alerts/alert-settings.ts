// Where alerts of a cluster go, as its administrator sets it: kept in the cluster (Secret kube-system/pilothouse-alerts),
// where the masters read it with every console closed. Passwords go in and do not come out again.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  alertEmailSchema,
  alertLanguageSchema,
  alertSecretName,
  alertWebhookSchema,
} from '../../machinery/alert-settings.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { adminClient } from '../run/api.ts';
import { deleteObject, readObject, writeObject } from '../run/cluster-objects.ts';

const collection = '/api/v1/namespaces/kube-system/secrets';

/** What an administrator may set; unknown keys are refused. */
export const alertSettingsSchema = z.strictObject({
  email: alertEmailSchema.strict().optional(),
  webhooks: z.array(alertWebhookSchema.strict()).default([]),
  language: alertLanguageSchema,
});

export type AlertSettings = z.infer<typeof alertSettingsSchema>;

/** An alert that holds now, as the masters remember it. */
export interface ActiveAlert {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly sinceMs: number;
  readonly values: Readonly<Record<string, string | number>>;
}

interface Stored extends AlertSettings {
  readonly cluster: string;
  readonly test?: string;
}

/** The settings without secrets (undefined: no alerts), and the alerts that hold. */
export function readAlerts(
  spec: ClusterSpec,
  options: RunOptions = {},
): Promise<{ readonly settings?: AlertSettings; readonly active: readonly ActiveAlert[] }> {
  return withClient(spec, options, async (client) => {
    const stored = await read(client, options.signal);
    const kept = await readObject<{ data?: Record<string, string> }>(
      client,
      '/api/v1/namespaces/kube-system/configmaps/pilothouse-alerts',
      options.signal,
    );
    const states = JSON.parse(kept?.data?.['states'] ?? '[]') as {
      alert: Omit<ActiveAlert, 'sinceMs'>;
      sinceMs: number;
    }[];
    const active = states.map(({ alert, sinceMs }) => ({ ...alert, sinceMs }));
    if (stored === undefined) return { active };
    const { test: _test, email, webhooks, language } = stored;
    const { password: _password, ...shown } = email ?? {};
    return {
      settings: {
        ...(email !== undefined && { email: shown as NonNullable<AlertSettings['email']> }),
        webhooks: webhooks.map(({ url }) => ({ url })),
        language,
      },
      active,
    };
  });
}

/** Sets where alerts go; a password or webhook secret that is left out keeps the present one. */
export async function setAlerts(spec: ClusterSpec, wanted: unknown, options: RunOptions = {}): Promise<void> {
  const parsed = alertSettingsSchema.safeParse(wanted);
  if (!parsed.success) {
    const reason = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new ProvisioningError('AlertSettings', text('error.alerts', { reason }), text('error.alerts.remedy'));
  }
  await withClient(spec, options, async (client) => {
    const before = await read(client, options.signal);
    const { email, webhooks, language } = parsed.data;
    const isSameServer = before?.email?.host === email?.host && before?.email?.user === email?.user;
    const merged: Stored = {
      ...(email !== undefined && {
        email: { ...email, password: email.password ?? (isSameServer ? before?.email?.password : undefined) },
      }),
      webhooks: webhooks.map(({ url, secret }) => ({
        url,
        secret: secret ?? before?.webhooks.find((other) => other.url === url)?.secret,
      })),
      language,
      cluster: spec.name,
    };
    await write(client, merged, options.signal);
  });
}

/** Ends alerts. */
export function removeAlerts(spec: ClusterSpec, options: RunOptions = {}): Promise<void> {
  return withClient(spec, options, (client) =>
    deleteObject(client, `${collection}/${alertSecretName}`, options.signal),
  );
}

/** Has the masters send a message for trying out; it comes within half a minute. */
export function testAlerts(spec: ClusterSpec, options: RunOptions = {}): Promise<{ readonly ways: number }> {
  return withClient(spec, options, async (client) => {
    const stored = await read(client, options.signal);
    if (stored === undefined)
      throw new ProvisioningError('AlertSettings', text('error.alerts.none'), text('error.alerts.none.remedy'));
    await write(client, { ...stored, test: randomUUID() }, options.signal);
    return { ways: stored.webhooks.length + (stored.email === undefined ? 0 : 1) };
  });
}

async function read(client: RestClient, signal?: AbortSignal): Promise<Stored | undefined> {
  const secret = await readObject<{ data?: Record<string, string> }>(
    client,
    `${collection}/${alertSecretName}`,
    signal,
  );
  const encoded = secret?.data?.['settings.json'];
  return encoded === undefined ? undefined : (JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as Stored);
}

function write(client: RestClient, settings: Stored, signal?: AbortSignal): Promise<void> {
  const data = { 'settings.json': Buffer.from(JSON.stringify(settings)).toString('base64') };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: alertSecretName, namespace: 'kube-system' },
    data,
  };
  return writeObject(client, collection, secret, signal);
}

async function withClient<T>(
  spec: ClusterSpec,
  options: RunOptions,
  work: (client: RestClient) => Promise<T>,
): Promise<T> {
  const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
