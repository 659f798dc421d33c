// Where the rules of custom resources meet writes: compiled before a definition is judged, evaluated after an object's
// structure was found sound. Both in short turns, so that no definition and no object of strangers holds up the others.
import type { CustomResourceDefinition } from '../../../../api/kinds/apiextensions/index.ts';
import { invalid } from '../../../../api/meta/status.ts';
import type { AdmissionPlugin } from '../../admission/admission.ts';
import { checkStructure } from '../check-schema.ts';
import { customRulesOf } from '../custom-definition.ts';
import { prepareRules } from './compile-rules.ts';
import { nextTurn } from './turns.ts';

/** Refuses objects that break their schema's rules; the first of the validating steps. */
export const customResourceRules: AdmissionPlugin = {
  name: 'CustomResourceRules',
  concerns: ({ operation, definition }) =>
    (operation === 'CREATE' || operation === 'UPDATE') && customRulesOf(definition)?.judgeRules !== undefined,
  async validate({ definition, object, previous }) {
    if (object === undefined) return;
    const faults = (await customRulesOf(definition)?.judgeRules?.(object, previous)) ?? [];
    const { name, generateName = '' } = object.metadata;
    if (faults.length > 0) throw invalid(`${definition.kind}.${definition.group}`, name || generateName, faults);
  },
};

/** Compiles the rules of a definition, before its validation asks for them; the last of the mutating steps. */
export const customResourceCompilation: AdmissionPlugin = {
  name: 'CustomResourceCompilation',
  concerns: ({ operation, definition, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    subresource === '' &&
    definition.group === 'apiextensions.k8s.io' &&
    definition.plural === 'customresourcedefinitions',
  mutate: ({ object }) => prepareDefinition(object as CustomResourceDefinition),
};

/** Compiles the rules of every version whose schema has a structure. */
export async function prepareDefinition({ spec }: Readonly<CustomResourceDefinition>): Promise<void> {
  // Nothing is validated yet: there may be no versions, and anything may stand where a schema should.
  for (const version of spec?.versions ?? []) {
    const schema = version.schema?.openAPIV3Schema;
    if (schema !== undefined && checkStructure(schema, '').length === 0) await prepareRules(schema, nextTurn);
  }
}
