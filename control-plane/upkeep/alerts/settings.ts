// Where alerts go: the Secret kube-system/pilothouse-alerts, key `settings.json`. Passwords are only there.
import { z } from 'zod';
import type { ClusterData } from '../cluster-data.ts';

export const settingsSecret = 'pilothouse-alerts';

const settingsSchema = z.object({
  email: z
    .object({
      host: z.string().min(1),
      port: z.int().min(1).max(65535),
      security: z.enum(['tls', 'starttls', 'none']),
      user: z.string().optional(),
      password: z.string().optional(),
      /** PEM of the authority of the mail server's certificate, when it is a private one. */
      ca: z.string().optional(),
      from: z.string().min(3),
      to: z.array(z.string().min(3)).min(1),
    })
    .optional(),
  webhooks: z
    .array(
      z.object({
        url: z.url({ protocol: /^https?$/ }),
        /** Signs the body: header `x-pilothouse-signature: sha256=…` (HMAC). */
        secret: z.string().optional(),
      }),
    )
    .default([]),
  language: z.enum(['en', 'zh-CN']).default('en'),
  /** What its administrators call the cluster. */
  cluster: z.string().default('pilothouse'),
  /** Changed to send a message for trying out. */
  test: z.string().optional(),
});

export type AlertSettings = z.infer<typeof settingsSchema>;

/** The settings; undefined when nobody wants alerts, or when what is there cannot be read. */
export async function readAlertSettings(data: ClusterData, signal: AbortSignal): Promise<AlertSettings | undefined> {
  const text = (await data.readSecret(settingsSecret, signal))?.data['settings.json'];
  if (text === undefined) return undefined;
  const parsed = settingsSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
