// Reads upstream's AdmissionConfiguration, of which PodSecurity has something to configure here: the levels of namespaces
// without labels, and who is exempt. A file that does not say what it means is refused, with the place.
import { parse } from 'yaml';
import { z } from 'zod';
import { levels, type NamespacePolicy, type Standard } from './levels.ts';
import type { PodSecurityOptions } from './pod-security.ts';

/** Why a configuration cannot be used, in a sentence that names the field. */
export class AdmissionConfigurationError extends Error {}

const level = z.enum(levels).default('privileged');
const version = z
  .string()
  .regex(/^(latest|v1\.(0|[1-9]\d{0,5}))$/, 'must be "latest" or "v1.x"')
  .default('latest');
const names = z.array(z.string().min(1)).default([]);
const podSecuritySchema = z.strictObject({
  apiVersion: z.enum(['pod-security.admission.config.k8s.io/v1', 'pod-security.admission.config.k8s.io/v1beta1']),
  kind: z.literal('PodSecurityConfiguration'),
  defaults: z
    .strictObject({
      enforce: level,
      'enforce-version': version,
      audit: level,
      'audit-version': version,
      warn: level,
      'warn-version': version,
    })
    .prefault({}),
  exemptions: z.strictObject({ usernames: names, namespaces: names, runtimeClasses: names }).prefault({}),
});
const admissionSchema = z.strictObject({
  apiVersion: z.literal('apiserver.config.k8s.io/v1'),
  kind: z.literal('AdmissionConfiguration'),
  plugins: z
    .array(z.strictObject({ name: z.literal('PodSecurity'), configuration: podSecuritySchema }))
    .max(1)
    .default([]),
});

/** The options of PodSecurity in a file's text; undefined when it says nothing of it. */
export function readAdmissionConfiguration(text: string): PodSecurityOptions | undefined {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new AdmissionConfigurationError(`the file is not valid YAML: ${(cause as Error).message}`, { cause });
  }
  const parsed = admissionSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AdmissionConfigurationError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`);
  }
  const configuration = parsed.data.plugins[0]?.configuration;
  if (configuration === undefined) return undefined;
  const { defaults, exemptions } = configuration;
  const standard = (mode: keyof NamespacePolicy): Standard => {
    const said = defaults[`${mode}-version`];
    return { level: defaults[mode], minor: said === 'latest' ? Infinity : Number(said.slice('v1.'.length)) };
  };
  return {
    defaults: { enforce: standard('enforce'), audit: standard('audit'), warn: standard('warn') },
    exemptions,
  };
}
