// Approves what nodes ask for themselves, signs what is approved, and forgets requests that are done with.
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../api/kinds/certificates/index.ts';
import type { ControllerContext } from '../context.ts';
import type { RequestedNames } from './plan.ts';
import { certificateSigningRequests } from '../../../api/kinds/certificates/index.ts';
import { nodes } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { inspectCertificateRequest, signCertificateRequest } from '../../../machinery/pki/index.ts';
import { requestJson } from '../../../machinery/request.ts';
import { conditionOf } from '../conditions.ts';
import { approvesItself, expiryMs, isApproved, isOurs, planSigning, refusalOf } from './plan.ts';

const daySeconds = 86_400;
const askAgainMs = 5_000;

/** Runs until the context's signal aborts; without an authority nothing is signed. */
export function runCertificateController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const informer = informers.of(certificateSigningRequests);
  const api = client.resource(certificateSigningRequests);

  const withConditionOf = (
    request: Readonly<CertificateSigningRequest>,
    type: string,
    reason: string,
    message: string,
  ): CertificateSigningRequest => {
    const time = formatTime(clock.now());
    const condition: CertificateSigningRequestCondition = {
      type,
      status: 'True',
      reason,
      message,
      lastUpdateTime: time,
      lastTransitionTime: time,
    };
    return {
      ...request,
      status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] },
    };
  };
  /** What the Node object of `system:node:NAME` says the node is called. */
  const namesOfNode = async (commonName: string): Promise<string[]> => {
    const name = commonName.replace(/^system:node:/, '');
    if (name === commonName) return [];
    try {
      const { status } = await client.resource(nodes).get(name, { signal });
      return [name, ...(status?.addresses ?? []).map(({ address }) => address)];
    } catch (error) {
      if (isApiError(error, 'NotFound')) return [];
      throw error;
    }
  };
  const approve = (request: Readonly<CertificateSigningRequest>): Promise<unknown> =>
    requestJson(client.request, {
      method: 'PUT',
      path: `/apis/certificates.k8s.io/v1/certificatesigningrequests/${request.metadata.name}/approval`,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(
        withConditionOf(
          request,
          'Approved',
          'AutoApproved',
          'Auto approving a certificate that the node asks for itself.',
        ),
      ),
      signal,
    });
  const sign = async (
    request: Readonly<CertificateSigningRequest>,
    pem: string,
    names: RequestedNames,
  ): Promise<void> => {
    const { signing } = context.settings;
    if (signing === undefined) return;
    const refusal = refusalOf(request, names);
    if (refusal !== undefined) {
      await api.updateStatus(withConditionOf(request, 'Failed', 'SignerValidationFailure', refusal), { signal });
      return;
    }
    const { usages, durationSeconds } = planSigning(request);
    const certificate = await signCertificateRequest({ cert: signing.caCert, key: signing.caKey }, pem, {
      commonName: names.commonName,
      organizations: names.organizations,
      sans: [...names.dnsNames, ...names.ipAddresses],
      usages,
      days: durationSeconds / daySeconds,
    });
    await api.updateStatus(
      { ...request, status: { ...request.status, certificate: Buffer.from(certificate).toString('base64') } },
      { signal },
    );
  };

  return runController({
    name: 'certificates',
    sources: [watchFor(informer)],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const request = informer.get(name);
      if (request === undefined) return;
      const leftMs = expiryMs(request) - clock.now();
      if (leftMs <= 0) {
        await api.delete(name, { preconditions: { uid: request.metadata.uid }, signal }).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error;
        });
        return;
      }
      const isDone =
        request.status?.certificate !== undefined || conditionOf(request.status?.conditions, 'Failed') !== undefined;
      if (isOurs(request) && !isDone) {
        const pem = Buffer.from(request.spec.request, 'base64').toString('utf8');
        const names = inspectCertificateRequest(pem);
        if (isApproved(request)) await sign(request, pem, names);
        else if (approvesItself(request, names, await namesOfNode(names.commonName))) await approve(request);
      }
      // A node may ask before its Node object says its addresses.
      return { requeueAfterMs: isOurs(request) && !isDone ? Math.min(leftMs, askAgainMs) : leftMs };
    },
  });
}
