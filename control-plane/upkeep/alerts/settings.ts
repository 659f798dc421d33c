// Reads where alerts go from the cluster.
import { z } from 'zod';
import {
  alertEmailSchema,
  alertLanguageSchema,
  alertSecretName,
  alertWebhookSchema,
} from '../../../machinery/alert-settings.ts';
import type { ClusterData } from '../cluster-data.ts';

const settingsSchema = z.object({
  email: alertEmailSchema.optional(),
  webhooks: z.array(alertWebhookSchema).default([]),
  language: alertLanguageSchema,
  /** What its administrators call the cluster. */
  cluster: z.string().default('pilothouse'),
  /** Changed to send a message for trying out. */
  test: z.string().optional(),
});

export type AlertSettings = z.infer<typeof settingsSchema>;

/** The settings; undefined when nobody wants alerts, or when what is there cannot be read. */
export async function readAlertSettings(data: ClusterData, signal: AbortSignal): Promise<AlertSettings | undefined> {
  const text = (await data.readSecret(alertSecretName, signal))?.data['settings.json'];
  if (text === undefined) return undefined;
  const parsed = settingsSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
