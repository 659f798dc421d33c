// Custom objects cannot be created while their definition is going away.
import { customResourceDefinitions } from '../../../api/kinds/apiextensions/index.ts';
import { failure } from '../../../api/meta/status.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { Reader } from '../registry/reader.ts';
import { customRulesOf } from './custom-definition.ts';

/** Refuses creations of a terminating CRD's objects. */
export function createTerminatingCheck(reader: Reader): AdmissionPlugin {
  return {
    name: 'CustomResourceTerminating',
    concerns: ({ operation, definition }) => operation === 'CREATE' && customRulesOf(definition) !== undefined,
    async validate({ definition }) {
      const crd = await reader.get(customResourceDefinitions, '', customRulesOf(definition)?.crdName ?? '');
      if (crd !== undefined && crd.metadata.deletionTimestamp === undefined) return;
      throw failure('MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
        group: definition.group,
        kind: definition.plural,
      });
    },
  };
}
