// Approves what nodes ask for themselves, signs what is approved, and forgets requests that are done with.
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../api/kinds/certificates/index.ts';
import type { ControllerContext } from '../context.ts';
import type { RequestFacts, SigningPlan } from './plan.ts';
import { certificateSigningRequests } from '../../../api/kinds/certificates/index.ts';
import { nodes } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { inspectCertificateRequest, signCertificateRequest } from '../../../machinery/pki/index.ts';
import { requestJson } from '../../../machinery/request.ts';
import { isOpen, planRequest } from './plan.ts';

const daySeconds = 86_400;

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
  const pemOf = ({ spec }: Readonly<CertificateSigningRequest>): string =>
    Buffer.from(spec.request, 'base64').toString('utf8');
  const factsOf = async (request: Readonly<CertificateSigningRequest>): Promise<RequestFacts> => {
    const names = inspectCertificateRequest(pemOf(request));
    return { names, nodeNames: await namesOfNode(names.commonName), canSign: context.settings.signing !== undefined };
  };
  const sign = async (
    request: Readonly<CertificateSigningRequest>,
    { names }: RequestFacts,
    { usages, durationSeconds }: SigningPlan,
  ): Promise<void> => {
    const { signing } = context.settings;
    if (signing === undefined) return;
    const pem = await signCertificateRequest({ cert: signing.caCert, key: signing.caKey }, pemOf(request), {
      commonName: names.commonName,
      organizations: names.organizations,
      sans: [...names.dnsNames, ...names.ipAddresses],
      usages,
      days: durationSeconds / daySeconds,
    });
    const certificate = Buffer.from(pem).toString('base64');
    await api.updateStatus({ ...request, status: { ...request.status, certificate } }, { signal });
  };
  const forget = (request: Readonly<CertificateSigningRequest>): Promise<unknown> =>
    api
      .delete(request.metadata.name, { preconditions: { uid: request.metadata.uid }, signal })
      .catch((error: unknown) => {
        if (!isApiError(error, 'NotFound')) throw error;
      });

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
      const facts = isOpen(request) ? await factsOf(request) : undefined;
      const plan = planRequest(request, facts, clock.now());
      if (plan.do === 'wait') return { requeueAfterMs: plan.forMs };
      if (plan.do === 'forget') await forget(request);
      else if (plan.do === 'approve') await approve(request);
      else if (plan.do === 'refuse')
        await api.updateStatus(withConditionOf(request, 'Failed', 'SignerValidationFailure', plan.message), { signal });
      else if (facts) await sign(request, facts, plan);
      return undefined; // What was written comes back by the watch.
    },
  });
}
