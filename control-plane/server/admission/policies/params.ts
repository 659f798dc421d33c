// The parameter objects that a binding names for a request.
import type { ValidatingAdmissionPolicyBinding } from '../../../../api/kinds/admissionregistration/index.ts';
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import { matchesLabelSelector } from '../../../../api/meta/selectors.ts';
import type { Store } from '../../../store/contract.ts';
import { customRulesOf } from '../../crd/custom-definition.ts';
import { createReader } from '../../registry/reader.ts';
import type { ServedResources } from '../../served/served-resources.ts';
import type { AdmissionRequest } from '../admission.ts';

type ParamRef = ValidatingAdmissionPolicyBinding['spec']['paramRef'];

/** What params stand on. */
export interface ParamSources {
  readonly store: Store;
  readonly served: ServedResources;
}

/** The parameters: none of them means that the binding does not apply. Throws an Error that says what is missing. */
export async function paramsFor(
  { store, served }: ParamSources,
  paramKind: { readonly apiVersion?: string; readonly kind?: string } | undefined,
  paramRef: ParamRef,
  request: AdmissionRequest,
): Promise<readonly unknown[]> {
  if (paramKind === undefined || paramRef === undefined) return [null];
  const { apiVersion = '', kind = '' } = paramKind;
  const definition = served.findKind(apiVersion, kind);
  if (definition === undefined)
    throw new Error(`failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`);
  const custom = customRulesOf(definition);
  const reader = createReader(custom === undefined ? store : custom.view(store));
  let namespace = '';
  if (definition.namespaced) {
    namespace = paramRef.namespace || request.namespace;
    if (namespace === '')
      throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  } else if (paramRef.namespace)
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const found = await find(paramRef, namespace);
  if (found.length === 0 && paramRef.parameterNotFoundAction !== 'Allow')
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  return found;

  async function find({ name, selector }: NonNullable<ParamRef>, within: string): Promise<readonly unknown[]> {
    if (definition === undefined) return [];
    if (name !== undefined && name !== '') {
      const object = await reader.get<KubernetesObject>(definition, within, name);
      return object === undefined ? [] : [object];
    }
    const all = await reader.list<KubernetesObject>(definition, within);
    return all.filter(({ metadata }) => matchesLabelSelector(selector ?? {}, metadata.labels));
  }
}
