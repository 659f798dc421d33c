// Passwords and passphrases of machines, kept sealed by the desktop's own vault so that a cluster can be resumed or
// taken apart after the console was restarted. Without a vault nothing is written.
import { join } from 'node:path';
import { z } from 'zod';
import type { ClusterSpec, Credentials } from '../../../provisioning/contract.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';

/** Seals text so that only this person on this computer can open it. */
export interface Vault {
  seal(text: string): string;
  open(sealed: string): string;
}

const fileSchema = z.object({ sealed: z.string() });
const credentialsSchema = z.record(
  z.string(),
  z
    .object({
      keyPath: z.string(),
      privateKey: z.string(),
      passphrase: z.string(),
      password: z.string(),
      agent: z.boolean(),
      sudoPassword: z.string(),
    })
    .partial(),
);

const pathOf = (home: string, cluster: string): string => join(home, 'clusters', cluster, 'credentials.json');

/** Keeps the credentials of a cluster's machines. */
export async function keepCredentials(home: string, vault: Vault | undefined, spec: ClusterSpec): Promise<void> {
  if (vault === undefined) return;
  const byMachine = Object.fromEntries(spec.machines.map(({ name, credentials }) => [name, credentials]));
  await writeJsonFile(pathOf(home, spec.name), { sealed: vault.seal(JSON.stringify(byMachine)) });
}

/** The same cluster with what was kept; machines of which nothing was kept stay as they are. */
export async function withKeptCredentials(
  home: string,
  vault: Vault | undefined,
  spec: ClusterSpec,
): Promise<ClusterSpec> {
  const file = vault && (await readJsonFile(pathOf(home, spec.name), fileSchema.optional(), undefined));
  if (vault === undefined || file === undefined) return spec;
  const kept: Record<string, Credentials> = credentialsSchema.parse(JSON.parse(vault.open(file.sealed)));
  return {
    ...spec,
    machines: spec.machines.map((machine) => ({
      ...machine,
      credentials: { ...machine.credentials, ...kept[machine.name] },
    })),
  };
}
