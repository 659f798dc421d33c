// What a bundle says about itself: one signed list of everything in it. Pure. A manifest that is read is complete and of
// a format that this version knows; whether it can be believed is verified in signature.ts.
import { z } from 'zod';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';

/** The newest format that this version reads and the one that it writes. */
export const bundleFormat = 1;

const relativePath = z
  .string()
  .max(99)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+~%@:-]*(\/[A-Za-z0-9][A-Za-z0-9._+~%@:-]*)*$/, 'must be a plain relative path');
const debianArch = z.enum(['amd64', 'arm64']);

const manifestSchema = z.strictObject({
  format: z.literal(bundleFormat),
  /** The version of Pilothouse that the programs are. */
  version: z.string(),
  createdAt: z.string(),
  /** Ed25519, SubjectPublicKeyInfo in DER, base64. */
  publicKey: z.string(),
  programs: z.array(
    z.strictObject({
      arch: debianArch,
      /** Names runtime and programs together; the folder's name under /opt/pilothouse. */
      version: z.string(),
      runtimeId: z.string(),
      runtime: relativePath,
      files: z.array(z.strictObject({ name: z.string(), path: relativePath })),
    }),
  ),
  targets: z.array(
    z.strictObject({
      id: z.enum(['debian', 'ubuntu']),
      version: z.string(),
      codename: z.string(),
      arch: debianArch,
      /** A Debian package index of `packages`, with their dependencies down to the C library. */
      index: relativePath,
      packages: z.array(z.strictObject({ name: z.string(), version: z.string(), path: relativePath })),
    }),
  ),
  images: z.array(z.strictObject({ path: relativePath, references: z.array(z.string()) })),
  files: z.array(
    z.strictObject({ path: relativePath, sizeBytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type BundleManifest = z.output<typeof manifestSchema>;
export type BundleTarget = BundleManifest['targets'][number];

/** The manifest in `bytes`; throws ProvisioningError `BundleNewer` or `BundleCorrupt`. */
export function parseManifest(bytes: Uint8Array, file: string): BundleManifest {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw bundleCorrupt(file, 'manifest.json', cause);
  }
  const format =
    typeof document === 'object' && document !== null && 'format' in document ? document.format : undefined;
  if (typeof format === 'number' && format > bundleFormat) {
    const values = { file, format, known: bundleFormat };
    throw new ProvisioningError(
      'BundleNewer',
      text('error.bundleNewer', values),
      text('error.bundleNewer.remedy', values),
    );
  }
  const parsed = manifestSchema.safeParse(document);
  if (!parsed.success) throw bundleCorrupt(file, 'manifest.json', parsed.error);
  return parsed.data;
}

/** The manifest as it is signed and written. */
export function formatManifest(manifest: BundleManifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`);
}

/** The error for a bundle that is not what its maker wrote; `part` names where it differs. */
export function bundleCorrupt(file: string, part: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError(
    'BundleCorrupt',
    text('error.bundleCorrupt', { file, part }),
    text('error.bundleCorrupt.remedy'),
    cause,
  );
}

/** The bundle's packages for a machine, or undefined when it was not made for such machines. */
export function targetFor(
  manifest: BundleManifest,
  machine: { readonly osId: string; readonly osVersion: string; readonly arch: string },
): BundleTarget | undefined {
  return manifest.targets.find(
    (target) => target.id === machine.osId && target.version === machine.osVersion && target.arch === machine.arch,
  );
}
