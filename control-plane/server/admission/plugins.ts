// The plugins of this server, in upstream's order.
import { customResourceCompilation, customResourceRules } from '../crd/rules/admission.ts';
import { createTerminatingCheck } from '../crd/terminating.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Rbac } from '../authorization/rbac.ts';
import type { Store } from '../../store/contract.ts';
import type { Reader } from '../registry/reader.ts';
import type { WebhookPlugins } from '../webhooks/webhook-admission.ts';
import type { AdmissionPlugin } from './admission.ts';
import { certificateRequester } from './certificate-requester.ts';
import { createDefaultTolerations } from './default-tolerations.ts';
import { createDefaultStorageClass } from './default-storage-class.ts';
import { createLimitRanger } from './limit-ranger.ts';
import { createNamespaceLifecycle } from './namespace-lifecycle.ts';
import { createNodeRestriction } from './node-restriction.ts';
import { createPodSecurity, type PodSecurityOptions } from './pod-security/pod-security.ts';
import { policyCompilation } from './policies/compilation.ts';
import type { PolicyPlugins } from './policies/index.ts';
import { podStatus } from './pod-status.ts';
import { createPriorityAdmission } from './priority.ts';
import { createRuntimeClassAdmission } from './runtime-class.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { createEscalationCheck } from './rbac-escalation.ts';
import { createResourceQuotaAdmission } from './resource-quota.ts';
import { storageProtection } from './storage-protection.ts';
import { createServiceAllocation, type ServiceAllocators } from './service-allocation.ts';
import { createTrustBundleAdmission } from './trust-bundles.ts';
import { taintNodes } from './taint-nodes.ts';

/** What the plugins stand on. */
export interface PluginParts {
  readonly reader: Reader;
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly rbac: Rbac;
  readonly allocators: ServiceAllocators;
  readonly webhooks: WebhookPlugins;
  readonly policies: PolicyPlugins;
  readonly defaultTolerationSeconds: number;
  readonly podSecurity?: PodSecurityOptions;
}

/** All plugins. */
export function createAdmissionPlugins({
  reader,
  store,
  authorizer,
  rbac,
  allocators,
  webhooks,
  policies,
  defaultTolerationSeconds,
  podSecurity,
}: PluginParts): AdmissionPlugin[] {
  return [
    customResourceRules,
    createNamespaceLifecycle(reader),
    createNodeRestriction(reader),
    createLimitRanger(reader),
    createServiceAccountAdmission(reader),
    taintNodes,
    createPriorityAdmission(reader),
    createDefaultTolerations(defaultTolerationSeconds),
    createRuntimeClassAdmission(reader),
    createDefaultStorageClass(reader),
    storageProtection,
    policies.mutating.first,
    webhooks.mutating,
    policies.mutating.again,
    podStatus,
    certificateRequester,
    customResourceCompilation,
    policyCompilation,
    createServiceAllocation(allocators),
    createTerminatingCheck(reader),
    createEscalationCheck(authorizer, rbac),
    createTrustBundleAdmission(authorizer),
    createPodSecurity(reader, podSecurity),
    policies.validating,
    webhooks.validating,
    createResourceQuotaAdmission(reader, store),
  ];
}
