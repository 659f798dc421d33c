// Where alerts go, as the cluster keeps it: the Secret kube-system/pilothouse-alerts, key `settings.json`. Consoles write
// it, the elected master reads it; passwords are only there.
import { z } from 'zod';

/** The Secret's name, in kube-system. */
export const alertSecretName = 'pilothouse-alerts';

/** A mail server and who is written to. */
export const alertEmailSchema = z.object({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  security: z.enum(['tls', 'starttls', 'none']),
  user: z.string().optional(),
  password: z.string().optional(),
  /** PEM of the authority of the mail server's certificate, when it is a private one. */
  ca: z.string().optional(),
  from: z.string().min(3),
  to: z.array(z.string().min(3)).min(1),
});

/** A place that alerts are posted to. */
export const alertWebhookSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  /** Signs the body: header `x-pilothouse-signature: sha256=…` (HMAC). */
  secret: z.string().optional(),
});

/** The language that messages are written in. */
export const alertLanguageSchema = z.enum(['en', 'zh-CN']).default('en');
