// How the control plane's own parts and its administrator reach the API server: client certificates from its authority.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatKubeconfig } from '../machinery/kubeconfig.ts';
import type { ClusterAccess } from '../machinery/kubeconfig.ts';
import { issueCertificate } from '../machinery/pki/index.ts';
import type { Pki } from '../machinery/pki/index.ts';
import { createRestClient } from '../machinery/rest-client.ts';
import type { RestClient } from '../machinery/rest-client.ts';
import { createHttpsTransport } from '../machinery/transport/https.ts';
import type { ApiServer } from './server/index.ts';

/** Access to a server as a user and groups. Needs the authority's key; without it, the kubelet client's certificate serves. */
export async function accessAs(pki: Pki, url: string, user: string, groups: readonly string[]): Promise<ClusterAccess> {
  const { cert, key } =
    pki.ca.key === undefined
      ? pki.kubeletClient
      : await issueCertificate(
          { cert: pki.ca.cert, key: pki.ca.key },
          { commonName: user, organizations: groups, usages: ['client'] },
        );
  return { servers: [url], ca: pki.ca.cert, cert, key };
}

/** Makes clients of one server as one user; `headers` go with every request. Each has its own transport to close. */
export type Connect = (userAgent: string, headers?: () => Record<string, string>) => RestClient;

/** Clients over HTTPS. */
export function connectOverHttps(access: ClusterAccess): Connect {
  return (userAgent, headers) => createRestClient({ transport: createHttpsTransport(access), userAgent, headers });
}

/** Clients of the API server in this process. */
export function connectWithin(
  server: Pick<ApiServer, 'transportAs'>,
  user: string,
  groups: readonly string[],
): Connect {
  return (userAgent, headers) =>
    createRestClient({ transport: server.transportAs({ user, groups }), userAgent, headers });
}

/** Writes the administrator's kubeconfig, whole and readable by its owner alone. */
export async function writeAdminKubeconfig(path: string, pki: Pki, url: string): Promise<void> {
  const access = await accessAs(pki, url, 'kubernetes-admin', ['system:masters']);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, formatKubeconfig('pilothouse', access, 'kubernetes-admin'), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
