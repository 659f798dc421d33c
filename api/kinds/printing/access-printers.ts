// Table rows of who may do what, and of what the server itself is told: bindings, requests, fairness, admission.
import { formatAge } from '../../meta/time.ts';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '../admissionregistration/index.ts';
import type { APIService } from '../apiregistration/index.ts';
import type { CertificateSigningRequest, ClusterTrustBundle } from '../certificates/index.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../flowcontrol/index.ts';
import type { ClusterRoleBinding, RoleBinding } from '../rbac/index.ts';
import { age, name, orNone, printer, text, typed, wide, type Printer } from './printer.ts';

type Binding = RoleBinding | ClusterRoleBinding;

function subjects({ subjects: all = [] }: Binding, kind: string): string {
  return all
    .filter((subject) => subject.kind === kind)
    .map((subject) => (kind === 'ServiceAccount' ? `${subject.namespace}/${subject.name}` : subject.name))
    .join(', ');
}

export const bindingPrinter: Printer<Binding> = printer<Binding>(
  name,
  text('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  age,
  wide(text('Users', (binding) => subjects(binding, 'User'))),
  wide(text('Groups', (binding) => subjects(binding, 'Group'))),
  wide(text('ServiceAccounts', (binding) => subjects(binding, 'ServiceAccount'))),
);

export const certificateSigningRequestPrinter: Printer<CertificateSigningRequest> = printer<CertificateSigningRequest>(
  name,
  age,
  text('SignerName', ({ spec }) => orNone(spec.signerName)),
  text('Requestor', ({ spec }) => spec.username ?? ''),
  text('RequestedDuration', ({ spec }) =>
    spec.expirationSeconds === undefined ? '<none>' : formatAge(spec.expirationSeconds * 1000),
  ),
  text('Condition', ({ status }) => {
    const has = (type: string): boolean => status?.conditions?.some((condition) => condition.type === type) ?? false;
    const words = has('Denied') ? ['Denied'] : has('Approved') ? ['Approved'] : ['Pending'];
    if (has('Failed')) words.push('Failed');
    if (status?.certificate) words.push('Issued');
    return words.join(',');
  }),
);

export const clusterTrustBundlePrinter: Printer<ClusterTrustBundle> = printer<ClusterTrustBundle>(
  name,
  text('SignerName', ({ spec }) => orNone(spec.signerName)),
);

export const apiServicePrinter: Printer<APIService> = printer<APIService>(
  name,
  text('Service', ({ spec }) => (spec.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local')),
  text('Available', ({ status }) => {
    const available = status?.conditions?.find(({ type }) => type === 'Available');
    if (available === undefined) return 'Unknown';
    return available.status === 'True' ? 'True' : `${available.status} (${available.reason})`;
  }),
  age,
);

export const flowSchemaPrinter: Printer<FlowSchema> = printer<FlowSchema>(
  name,
  text('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
  text('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence ?? 0),
  text('DistinguisherMethod', ({ spec }) => orNone(spec.distinguisherMethod?.type)),
  age,
  text('MissingPL', ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?'),
);

export const priorityLevelPrinter: Printer<PriorityLevelConfiguration> = printer<PriorityLevelConfiguration>(
  name,
  text('Type', ({ spec }) => spec.type),
  text('NominalConcurrencyShares', ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>'),
  text('Queues', ({ spec }) => spec.limited?.limitResponse?.queuing?.queues ?? '<none>'),
  text('HandSize', ({ spec }) => spec.limited?.limitResponse?.queuing?.handSize ?? '<none>'),
  text('QueueLengthLimit', ({ spec }) => spec.limited?.limitResponse?.queuing?.queueLengthLimit ?? '<none>'),
  age,
);

type Webhooks = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

export const webhooksPrinter: Printer<Webhooks> = printer<Webhooks>(
  name,
  typed('integer', 'Webhooks', ({ webhooks }) => (webhooks ?? []).length),
  age,
);

function paramKind({ spec }: MutatingAdmissionPolicy | ValidatingAdmissionPolicy): string {
  const { paramKind: kind } = spec;
  return kind === undefined ? '<unset>' : `${kind.apiVersion}/${kind.kind}`;
}

export const validatingPolicyPrinter: Printer<ValidatingAdmissionPolicy> = printer<ValidatingAdmissionPolicy>(
  name,
  typed('integer', 'Validations', ({ spec }) => (spec.validations ?? []).length),
  text('ParamKind', paramKind),
  age,
);

export const mutatingPolicyPrinter: Printer<MutatingAdmissionPolicy> = printer<MutatingAdmissionPolicy>(
  name,
  typed('integer', 'Mutations', ({ spec }) => (spec.mutations ?? []).length),
  text('ParamKind', paramKind),
  age,
);

type PolicyBinding = MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding;

export const policyBindingPrinter: Printer<PolicyBinding> = printer<PolicyBinding>(
  name,
  text('PolicyName', ({ spec }) => spec.policyName ?? ''),
  text('ParamRef', ({ spec }) => {
    const { paramRef } = spec;
    if (paramRef === undefined) return '<unset>';
    return paramRef.name === undefined ? '*' : [paramRef.namespace, paramRef.name].filter(Boolean).join('/');
  }),
  age,
);
