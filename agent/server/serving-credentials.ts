// The certificate the agent serves with, and the CA its clients must come from. Without files, a certificate signed by
// itself with the node's name (the API server accepts that from its own machine only), and the kubeconfig's CA.
import { readFile } from 'node:fs/promises';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import type { AgentOptions } from '../flags.ts';

export async function servingCredentials(
  options: AgentOptions,
): Promise<{ cert: string; key: string; ca: string | undefined }> {
  const { tlsCert, tlsKey, clientCa } = options;
  const ca =
    clientCa === undefined ? clusterOf(loadKubeconfig(options.kubeconfig)).ca : await readFile(clientCa, 'utf8');
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const [cert, key] = await Promise.all([readFile(tlsCert, 'utf8'), readFile(tlsKey, 'utf8')]);
    return { cert, key, ca };
  }
  const { createAuthority } = await import('../../machinery/pki/index.ts');
  return { ...(await createAuthority(options.nodeName)), ca };
}
