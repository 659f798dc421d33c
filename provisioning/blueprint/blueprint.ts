// A cluster on one signed page: machines, roles and settings, everything but secrets. Whoever has it and logs in to the
// machines builds the same cluster; what differs between it and a running cluster is found by drift.ts.
import { z } from 'zod';
import { createClusterSpec, formatClusterFile, withoutSecrets } from '../cluster-file.ts';
import { isSignedBy, isTrusted, keyFingerprint, type SigningKey, trustKey } from '../bundle/signature.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, Text } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { asTold, fieldProblems } from '../messages/field-problems.ts';
import { text, textOfProblems } from '../messages/text.ts';

/** The format that is written, and the newest that is read. */
export const blueprintFormat = 1;

const blueprintSchema = z.strictObject({
  apiVersion: z.literal('pilothouse.io/v1'),
  kind: z.literal('Blueprint'),
  format: z.literal(blueprintFormat),
  createdAt: z.string(),
  /** The version of Pilothouse that wrote it. */
  version: z.string(),
  /** A cluster file, as text: what is signed is what is read. */
  cluster: z.string(),
  publicKey: z.string(),
  signature: z.string(),
});

type BlueprintFile = z.output<typeof blueprintSchema>;

/** A blueprint that was read and may be believed. */
export interface Blueprint {
  readonly spec: ClusterSpec;
  readonly version: string;
  readonly createdAt: string;
  readonly fingerprint: string;
}

function signedContent({ format, createdAt, version, cluster }: Omit<BlueprintFile, 'signature'>): Buffer {
  return Buffer.from(JSON.stringify(['pilothouse blueprint', format, createdAt, version, cluster]));
}

/** The blueprint of `spec`, signed; secrets are left out. */
export function formatBlueprint(spec: ClusterSpec, version: string, key: SigningKey): string {
  const file = {
    apiVersion: 'pilothouse.io/v1' as const,
    kind: 'Blueprint' as const,
    format: blueprintFormat as 1,
    createdAt: new Date(systemClock.now()).toISOString(),
    version,
    cluster: formatClusterFile(withoutSecrets(spec)),
    publicKey: key.publicKey,
  };
  const signature = key.sign(signedContent(file)).toString('base64');
  return `${JSON.stringify({ ...file, signature }, undefined, 2)}\n`;
}

export interface ReadBlueprintOptions {
  readonly home?: string;
  /** The maker's fingerprint, as the maker tells it: trusted from now on. */
  readonly key?: string;
}

/** Reads `content`. Throws ProvisioningError BlueprintUnusable, BlueprintNewer, BlueprintUntrusted, ClusterFile. */
export async function readBlueprint(
  content: string,
  file: string,
  parse: (clusterFile: string) => ClusterSpec,
  options: ReadBlueprintOptions = {},
): Promise<Blueprint> {
  const document = parseJson(content, file);
  const format =
    typeof document === 'object' && document !== null && 'format' in document ? document.format : undefined;
  if (typeof format === 'number' && format > blueprintFormat) {
    const values = { file, format, known: blueprintFormat };
    throw new ProvisioningError(
      'BlueprintNewer',
      text('error.blueprintNewer', values),
      text('error.blueprintNewer.remedy'),
    );
  }
  const parsed = blueprintSchema.safeParse(document);
  if (!parsed.success) throw unusable(file, fieldProblems(blueprintSchema, document), parsed.error);
  const { publicKey, signature, cluster, version, createdAt } = parsed.data;
  if (!isSignedBy(publicKey, signedContent(parsed.data), Buffer.from(signature, 'base64')))
    throw unusable(file, [text('problem.changedAfterSigning')]);
  const fingerprint = keyFingerprint(publicKey);
  if (options.key === fingerprint) await trustKey(publicKey, options.home);
  if (options.key !== undefined ? options.key !== fingerprint : !(await isTrusted(publicKey, options.home))) {
    const values = { file, fingerprint };
    throw new ProvisioningError(
      'BlueprintUntrusted',
      text('error.blueprintUntrusted', values),
      text('error.blueprintUntrusted.remedy', values),
    );
  }
  return { spec: parse(cluster), version, createdAt, fingerprint };
}

/** Where the blueprint's machines are elsewhere: new addresses and logins by machine name, and a new cluster name. */
export interface Elsewhere {
  readonly name?: string;
  readonly machines?: Readonly<Record<string, object>>;
}

/** The same cluster at another site; throws ClusterFileError when that cannot be. */
export function elsewhere(spec: ClusterSpec, change: Elsewhere): ClusterSpec {
  const { machines, ...rest } = withoutSecrets(spec);
  return createClusterSpec({
    ...rest,
    name: change.name ?? spec.name,
    machines: machines.map(({ credentials, ...machine }) => ({
      ...machine,
      ...credentials,
      ...change.machines?.[machine.name],
    })),
  });
}

function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw unusable(file, [asTold(cause)], cause);
  }
}

function unusable(file: string, problems: readonly Text[], cause?: unknown): ProvisioningError {
  return new ProvisioningError(
    'BlueprintUnusable',
    textOfProblems('error.blueprintUnusable', problems, { file }),
    text('error.blueprintUnusable.remedy'),
    cause,
  );
}
