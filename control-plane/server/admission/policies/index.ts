// Admission policies, followed and put together as plugins.
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicy,
  type MutatingAdmissionPolicyBinding,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
} from '../../../../api/kinds/admissionregistration/index.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionMetrics } from '../../metrics/admission-metrics.ts';
import type { Reader } from '../../registry/reader.ts';
import { followResource, type ResidentContext } from '../../residents/resident.ts';
import type { ServedResources } from '../../served/served-resources.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { createMutatingPolicies, type MutatingPolicies } from './mutating-policies.ts';
import { createPolicyContext } from './policy-context.ts';
import { runTypeChecking } from './type-checking.ts';
import { createValidatingPolicies } from './validating-policies.ts';

export { withPolicyRules } from './policy-rules.ts';

/** The plugins of policies; `whenSynced` is when policies and bindings are known. */
export interface PolicyPlugins {
  readonly mutating: MutatingPolicies;
  readonly validating: AdmissionPlugin;
  readonly whenSynced: Promise<unknown>;
}

/** Starts following policies and bindings. */
export function createPolicyPlugins(
  context: ResidentContext & {
    readonly reader: Reader;
    readonly served: ServedResources;
    readonly authorizer: Authorizer;
    readonly metrics: Pick<AdmissionMetrics, 'policy'>;
  },
): PolicyPlugins {
  const validating = followResource<ValidatingAdmissionPolicy>(context, validatingAdmissionPolicies);
  const validatingBindings = followResource<ValidatingAdmissionPolicyBinding>(
    context,
    validatingAdmissionPolicyBindings,
  );
  const mutating = followResource<MutatingAdmissionPolicy>(context, mutatingAdmissionPolicies);
  const mutatingBindings = followResource<MutatingAdmissionPolicyBinding>(context, mutatingAdmissionPolicyBindings);
  const policies = createPolicyContext(context);
  runTypeChecking(context, validating.resident);
  return {
    mutating: createMutatingPolicies(policies, mutating.resident, mutatingBindings.resident),
    validating: createValidatingPolicies(policies, validating.resident, validatingBindings.resident),
    whenSynced: Promise.all(
      [validating, validatingBindings, mutating, mutatingBindings].map(({ whenSynced }) => whenSynced),
    ),
  };
}
