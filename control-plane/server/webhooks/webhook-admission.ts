// Mutating and validating webhooks as admission plugins: who is called, in which order, and what failures mean.
import { isDeepStrictEqual } from 'node:util';
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
  type MutatingWebhookConfiguration,
  type ValidatingWebhookConfiguration,
} from '../../../api/kinds/admissionregistration/index.ts';
import { namespaces, type Namespace } from '../../../api/kinds/core/index.ts';
import { badRequest, internalError, isApiError } from '../../../api/meta/status.ts';
import { applyJsonPatch } from '../../../api/schema/patch/json-patch.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { AdmissionMetrics, WebhookCall } from '../metrics/admission-metrics.ts';
import { completeObject, decodeDraft } from '../registry/decode-object.ts';
import type { Reader } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { ServedResources } from '../served/served-resources.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { followResource, type ResidentContext } from '../residents/resident.ts';
import { denial, responseOf, reviewOf, type AdmissionResponse } from './admission-review.ts';
import { createEquivalents } from './equivalents.ts';
import { createMatchConditions } from './match-conditions.ts';
import { isBeyondWebhooks, namespaceMatches, objectMatches, rulesMatch } from './matching.ts';
import type { WebhookClient } from './webhook-client.ts';
import { webhooksOf, type Webhook } from './webhook.ts';

/** Both plugins; `whenSynced` is when the configurations are known. */
export interface WebhookPlugins {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  readonly whenSynced: Promise<unknown>;
}

/** A webhook, and the resource that it is asked about: the request's, or an equivalent one that its rules name. */
interface Chosen {
  readonly webhook: Webhook;
  readonly as: ResourceDefinition;
}

/** Starts following the configurations. */
export function createWebhookPlugins(
  context: ResidentContext & {
    readonly reader: Reader;
    readonly client: WebhookClient;
    readonly authorizer: Authorizer;
    readonly served: ServedResources;
    readonly metrics: Pick<AdmissionMetrics, 'webhook'>;
  },
): WebhookPlugins {
  const { reader, client, metrics } = context;
  const conditions = createMatchConditions(context.authorizer);
  const equivalents = createEquivalents(context.served);
  const mutating = followResource<MutatingWebhookConfiguration>(context, mutatingWebhookConfigurations);
  const validating = followResource<ValidatingWebhookConfiguration>(context, validatingWebhookConfigurations);

  const namespaceLabels = async ({
    definition,
    namespace,
    object,
    previous,
  }: AdmissionRequest): Promise<Readonly<Record<string, string>> | undefined | 'none'> => {
    if (definition.group === '' && definition.plural === 'namespaces') return (object ?? previous)?.metadata.labels;
    if (!definition.namespaced) return 'none';
    const found = await reader.get<Namespace>(namespaces, '', namespace);
    return found?.metadata.labels;
  };

  const matching = async (all: readonly Webhook[], request: AdmissionRequest): Promise<Chosen[]> => {
    const named = all.flatMap((webhook): Chosen[] => {
      const isExact = webhook.hook.matchPolicy === 'Exact';
      const as = equivalents.find(request, isExact, (one) => rulesMatch(webhook, one));
      return as === undefined ? [] : [{ webhook, as }];
    });
    if (named.length === 0) return named;
    const labels = await namespaceLabels(request);
    const selected = named.filter(
      ({ webhook }) => namespaceMatches(webhook, labels) && objectMatches(webhook, request),
    );
    const wanted = await Promise.all(
      selected.map(async ({ webhook, as }) => conditions.hold(webhook, await equivalents.translate(request, as))),
    );
    return selected.filter((_chosen, index) => wanted[index]);
  };

  /** The answer; undefined when the call failed and the webhook's policy is to go on. */
  const call = async (
    webhook: Webhook,
    request: AdmissionRequest,
    type: WebhookCall['type'],
  ): Promise<AdmissionResponse | undefined> => {
    const { hook } = webhook;
    const begun = performance.now();
    const count = (outcome: Pick<WebhookCall, 'rejected' | 'code' | 'failedOpen'>): void =>
      metrics.webhook(
        { name: hook.name, operation: request.operation, type, ...outcome },
        (performance.now() - begun) / 1000,
      );
    if (request.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun')
      throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
    const { uid, body } = reviewOf(request);
    let response: AdmissionResponse;
    try {
      response = responseOf(await client.call(webhook, body), uid);
    } catch (cause) {
      const failedOpen = hook.failurePolicy === 'Ignore';
      count({ rejected: !failedOpen, code: 0, failedOpen });
      if (failedOpen) return undefined;
      throw internalError(
        `failed calling webhook ${JSON.stringify(hook.name)}: failed to call webhook: ${(cause as Error).message}`,
        { cause },
      );
    }
    count({ rejected: !response.allowed, code: 200, failedOpen: false });
    request.warnings.push(...(response.warnings ?? []).slice(0, 20));
    for (const [key, value] of Object.entries(response.auditAnnotations ?? {}))
      request.annotate(`${hook.name}/${key}`, String(value));
    if (!response.allowed) throw denial(hook.name, response);
    return response;
  };

  const mutateBy = async ({ webhook, as }: Chosen, request: AdmissionRequest): Promise<boolean> => {
    const translated = await equivalents.translate(request, as);
    const response = await call(webhook, translated, 'admit');
    if (response?.patch === undefined || request.object === undefined) return false;
    const changed = patchedObject(webhook, translated, response.patch);
    const patched =
      translated === request ? changed : await equivalents.back(request, { ...translated, object: changed });
    if (patched === undefined) return false;
    if (isDeepStrictEqual(patched, request.object)) return false;
    replaceContents(request.object, patched);
    return true;
  };

  const concerns =
    (all: { list(): readonly unknown[] }) =>
    (request: AdmissionRequest): boolean =>
      all.list().length > 0 && !isBeyondWebhooks(request.definition);

  return {
    whenSynced: Promise.all([mutating.whenSynced, validating.whenSynced]),
    mutating: {
      name: 'MutatingAdmissionWebhook',
      concerns: concerns(mutating.resident),
      async mutate(request) {
        const chosen = await matching(webhooksOf(mutating.resident), request);
        const changedBy: number[] = [];
        for (const [index, one] of chosen.entries()) if (await mutateBy(one, request)) changedBy.push(index);
        const last = changedBy.at(-1) ?? -1;
        for (const [index, one] of chosen.entries())
          if (one.webhook.isReinvoked && index < last) await mutateBy(one, request);
      },
    },
    validating: {
      name: 'ValidatingAdmissionWebhook',
      concerns: concerns(validating.resident),
      async validate(request) {
        const chosen = await matching(webhooksOf(validating.resident), request);
        await Promise.all(
          chosen.map(async ({ webhook, as }) => call(webhook, await equivalents.translate(request, as), 'validating')),
        );
      },
    },
  };
}

/** The object after a webhook's patch, brought to its schema again. */
function patchedObject({ hook }: Webhook, request: AdmissionRequest, patch: string): KubernetesObject {
  try {
    const operations: unknown = JSON.parse(Buffer.from(patch, 'base64').toString());
    const draft = applyJsonPatch(structuredClone(request.object), operations);
    // Scales, evictions and the like are not of the resource's schema; their handlers read them for themselves.
    if ((draft as KubernetesObject).kind !== request.definition.kind) return draft as KubernetesObject;
    const object = decodeDraft(request.definition, draft, 'Ignore', []);
    completeObject(request.definition, object);
    return object;
  } catch (cause) {
    if (hook.failurePolicy === 'Ignore' && !isApiError(cause, 'Invalid')) return request.object as KubernetesObject;
    throw internalError(
      `admission webhook ${JSON.stringify(hook.name)} sent a patch that does not apply: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Makes an object what another is, in place. */
export function replaceContents(target: object, source: object): void {
  const to = target as Record<string, unknown>;
  for (const key of Object.keys(to)) if (!(key in source)) delete to[key];
  Object.assign(to, source);
}
