// Compiles policies, and webhooks' match conditions, before their validation asks for them, so that no policy, however
// large, holds up the others. It stands last among the mutating steps.
import type {
  MutatingAdmissionPolicy,
  ValidatingAdmissionPolicy,
} from '../../../../api/kinds/admissionregistration/index.ts';
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import { prepareWebhookConditions } from '../../webhooks/match-conditions.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { mutatingCompiler } from './mutating-compiled.ts';
import { validatingCompiler } from './validating-compiled.ts';

type Prepare = (object: KubernetesObject) => Promise<unknown>;

const prepares: Readonly<Record<string, Prepare>> = {
  validatingadmissionpolicies: (object) => validatingCompiler.prepare(object as ValidatingAdmissionPolicy),
  mutatingadmissionpolicies: (object) => mutatingCompiler.prepare(object as MutatingAdmissionPolicy),
  validatingwebhookconfigurations: prepareWebhookConditions,
  mutatingwebhookconfigurations: prepareWebhookConditions,
};

/** The step. */
export const policyCompilation: AdmissionPlugin = {
  name: 'PolicyCompilation',
  concerns: ({ operation, definition, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    subresource === '' &&
    definition.group === 'admissionregistration.k8s.io' &&
    definition.plural in prepares,
  async mutate({ definition, object }) {
    if (object === undefined) return;
    try {
      await prepares[definition.plural]?.(object);
    } catch (error) {
      // Nothing is validated yet: where a field is missing, validation says which.
      if (!(error instanceof TypeError)) throw error;
    }
  },
};
