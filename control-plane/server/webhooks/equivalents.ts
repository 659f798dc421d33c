// The same object in the other versions that its resource is served in: what webhooks and policies with the match
// policy Equivalent are asked about when their rules name another version than the request.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import { customRulesOf } from '../crd/custom-definition.ts';
import { completeObject } from '../registry/decode-object.ts';
import { conversionOf } from '../served/conversions.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { apiVersionOf, type ServedResources } from '../served/served-resources.ts';

/** Finds equivalent resources and translates requests to them. */
export interface Equivalents {
  /** The request as one of its equivalents for which `matches` holds; the request itself where that is one. */
  find(
    request: AdmissionRequest,
    isExact: boolean,
    matches: (request: AdmissionRequest) => boolean,
  ): ResourceDefinition | undefined;
  /** The request in another version, with its own copy of the object. */
  translate(request: AdmissionRequest, definition: ResourceDefinition): Promise<AdmissionRequest>;
  /** An object of the translated request in the version of the request. */
  back(request: AdmissionRequest, translated: AdmissionRequest): Promise<KubernetesObject | undefined>;
}

/** Equivalents among the served resources. */
export function createEquivalents(served: ServedResources): Equivalents {
  let generation = -1;
  let byStorage = new Map<string, ResourceDefinition[]>();

  const siblingsOf = ({ storagePrefix }: ResourceDefinition): readonly ResourceDefinition[] => {
    if (generation !== served.generation) {
      generation = served.generation;
      byStorage = new Map();
      for (const definition of served.all()) {
        const known = byStorage.get(definition.storagePrefix);
        if (known === undefined) byStorage.set(definition.storagePrefix, [definition]);
        else known.push(definition);
      }
    }
    return byStorage.get(storagePrefix) ?? [];
  };

  return {
    find(request, isExact, matches) {
      if (matches(request)) return request.definition;
      if (isExact) return undefined;
      return siblingsOf(request.definition).find(
        (definition) => definition !== request.definition && matches({ ...request, definition }),
      );
    },
    async translate(request, definition) {
      if (definition === request.definition) return request;
      const [object, previous] = await Promise.all([
        convert(request.object, request.definition, definition),
        convert(request.previous, request.definition, definition),
      ]);
      return { ...request, definition, object, previous, asked: request.definition };
    },
    back: (request, translated) => convert(translated.object, translated.definition, request.definition),
  };
}

async function convert(
  object: Readonly<KubernetesObject> | undefined,
  from: ResourceDefinition,
  to: ResourceDefinition,
): Promise<KubernetesObject | undefined> {
  // Subresources with a kind of their own have it in every version.
  if (object === undefined || object.kind !== from.kind) return object;
  const own = structuredClone(object) as KubernetesObject;
  const custom = customRulesOf(to);
  if (custom !== undefined) {
    const [converted] = await custom.convert([own], apiVersionOf(to));
    if (converted !== undefined) completeObject(to, converted);
    return converted;
  }
  const stored = conversionOf(from)?.toStored(own) ?? own;
  return conversionOf(to)?.toServed(stored) ?? stored;
}
