// A kubeconfig for a colleague: a certificate that the cluster's own signer issues for a limited time, and a binding
// to the chosen role. The private key is made here and leaves only inside the kubeconfig.
import type { ColleagueKubeconfig, ColleagueWish } from '../../../api/console/index.ts';
import { certificateSigningRequests, type CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import {
  clusterRoleBindings,
  roleBindings,
  type ClusterRoleBinding,
  type RoleBinding,
} from '../../../api/kinds/rbac/index.ts';
import type { Draft, KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { formatKubeconfig, type ClusterAccess } from '../../../machinery/kubeconfig.ts';
import { createCertificateRequest, inspectCertificate } from '../../../machinery/pki/index.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { ServiceError } from '../errors.ts';

const daySeconds = 86_400;
const signerName = 'kubernetes.io/kube-apiserver-client';
const patienceMs = 15_000;
const askAgainMs = 300;
const group = 'rbac.authorization.k8s.io';

async function certificateFor(
  client: RestClient,
  { name, days }: ColleagueWish,
  clock: Clock,
): Promise<{ cert: string; key: string }> {
  const { csr, key } = await createCertificateRequest(name, []);
  const requests = client.resource<CertificateSigningRequest>(certificateSigningRequests);
  const made = await requests.create({
    metadata: { generateName: `colleague-${name.replace(/[^a-z0-9-]/gi, '-').toLowerCase()}-` },
    spec: {
      request: Buffer.from(csr).toString('base64'),
      signerName,
      expirationSeconds: days * daySeconds,
      usages: ['client auth', 'digital signature'],
    },
  } as Draft<CertificateSigningRequest>);
  const path = `/apis/certificates.k8s.io/v1/certificatesigningrequests/${made.metadata.name}/approval`;
  const approved = {
    type: 'Approved',
    status: 'True',
    reason: 'ConsoleApproved',
    message: `Kubeconfig for ${name}`,
    lastUpdateTime: formatTime(clock.now()),
  };
  const body = JSON.stringify({ ...made, status: { ...made.status, conditions: [approved] } });
  const answer = await client.request({ method: 'PUT', path, body, headers: { 'content-type': 'application/json' } });
  if (answer.status >= 400)
    throw new ServiceError('Forbidden', `The certificate request cannot be approved: ${await answer.text()}`);
  for (const until = clock.now() + patienceMs; clock.now() < until; await clock.sleep(askAgainMs)) {
    const { status } = await requests.get(made.metadata.name);
    if (status?.certificate) return { cert: Buffer.from(status.certificate, 'base64').toString(), key };
  }
  throw new ServiceError('NotSupported', 'The cluster approved the certificate but did not issue it.', {
    remedy: 'Check that its controllers run and hold the signing key.',
  });
}

/** Makes the binding and the certificate; answers the binding too, so that it can be taken back. */
export async function inviteColleague(
  client: RestClient,
  clusterId: string,
  access: Pick<ClusterAccess, 'servers' | 'ca' | 'insecure' | 'serverName'>,
  wish: ColleagueWish,
  clock: Clock,
): Promise<ColleagueKubeconfig & { binding: KubernetesObject }> {
  const { cert, key } = await certificateFor(client, wish, clock);
  const subject = {
    metadata: { generateName: 'colleague-' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: wish.role },
    subjects: [{ apiGroup: group, kind: 'User', name: wish.name }],
  };
  const binding =
    wish.namespace === undefined
      ? await client.resource<ClusterRoleBinding>(clusterRoleBindings).create(subject as Draft<ClusterRoleBinding>)
      : await client.resource<RoleBinding>(roleBindings, wish.namespace).create(subject as Draft<RoleBinding>);
  const { servers, ca, insecure, serverName } = access;
  const kubeconfig = formatKubeconfig(
    clusterId,
    { servers, ca, insecure, serverName, cert, key, namespace: wish.namespace },
    wish.name,
  );
  return { kubeconfig, expiresAt: inspectCertificate(cert).notAfter.getTime(), binding };
}
