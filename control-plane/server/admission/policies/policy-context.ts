// What policies of both kinds stand on.
import { namespaces, type Namespace } from '../../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionMetrics } from '../../metrics/admission-metrics.ts';
import type { Reader } from '../../registry/reader.ts';
import { createEquivalents, type Equivalents } from '../../webhooks/equivalents.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { ParamSources } from './params.ts';

/** The parts of the server that policies ask. */
export interface PolicyContext extends ParamSources {
  readonly authorizer: Authorizer;
  readonly metrics: Pick<AdmissionMetrics, 'policy'>;
  readonly equivalents: Equivalents;
  /** The namespace of a request's object; undefined for what lives in none. */
  namespaceOf(request: AdmissionRequest): Promise<Readonly<KubernetesObject> | undefined>;
  /** What namespace selectors judge: for namespaces their own labels. */
  labelsFor(
    request: AdmissionRequest,
    namespaceObject: Readonly<KubernetesObject> | undefined,
  ): 'none' | Readonly<Record<string, string>> | undefined;
}

/** Builds the context. */
export function createPolicyContext(
  parts: ParamSources & Pick<PolicyContext, 'authorizer' | 'metrics'> & { readonly reader: Reader },
): PolicyContext {
  const isNamespace = ({ definition }: AdmissionRequest): boolean =>
    definition.group === '' && definition.plural === 'namespaces';
  return {
    store: parts.store,
    served: parts.served,
    authorizer: parts.authorizer,
    metrics: parts.metrics,
    equivalents: createEquivalents(parts.served),
    async namespaceOf({ definition, namespace }) {
      if (!definition.namespaced || namespace === '') return undefined;
      return parts.reader.get<Namespace>(namespaces, '', namespace);
    },
    labelsFor(request, namespaceObject) {
      if (isNamespace(request)) return (request.object ?? request.previous)?.metadata.labels ?? {};
      return request.definition.namespaced ? (namespaceObject?.metadata.labels ?? {}) : 'none';
    },
  };
}
