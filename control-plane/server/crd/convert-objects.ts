// Conversion of custom objects between the versions of their CRD: by renaming, or by the CRD's webhook.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { CustomResourceDefinition } from '../../../api/kinds/apiextensions/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { internalError } from '../../../api/meta/status.ts';
import type { WebhookClient } from '../webhooks/webhook-client.ts';

/** Converts objects, which it owns, to a version; keeps their order. Throws ApiError when the webhook fails. */
export type Convert = (
  objects: readonly KubernetesObject[],
  apiVersion: string,
) => Promise<readonly KubernetesObject[]>;

const timeoutSeconds = 30;

/** The conversion that a CRD asks for. */
export function conversionFor(crd: Readonly<CustomResourceDefinition>, client: WebhookClient): Convert {
  const webhook = crd.spec.conversion?.strategy === 'Webhook' ? crd.spec.conversion.webhook : undefined;
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  if (clientConfig === undefined) {
    return (objects, apiVersion) => {
      for (const object of objects) object.apiVersion = apiVersion;
      return Promise.resolve(objects);
    };
  }
  const reviewVersion = `apiextensions.k8s.io/${conversionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1') ?? 'v1'}`;
  return async (objects, apiVersion) => {
    const pending = objects.filter((object) => object.apiVersion !== apiVersion);
    if (pending.length === 0) return objects;
    const uid = randomUUID();
    const review = {
      kind: 'ConversionReview',
      apiVersion: reviewVersion,
      request: { uid, desiredAPIVersion: apiVersion, objects: pending },
    };
    try {
      const answer = await client.call({ hook: { clientConfig, timeoutSeconds } }, JSON.stringify(review));
      const converted = convertedOf(answer, uid, pending, apiVersion);
      let next = 0;
      return objects.map((object) => (object.apiVersion === apiVersion ? object : (converted[next++] ?? object)));
    } catch (cause) {
      throw internalError(
        `conversion webhook for ${pending[0]?.apiVersion}, Kind=${crd.spec.names.kind} failed: ${(cause as Error).message}`,
        { cause },
      );
    }
  };
}

interface Answer {
  readonly response?: {
    readonly uid?: unknown;
    readonly result?: { readonly status?: unknown; readonly message?: unknown };
    readonly convertedObjects?: unknown;
  };
}

/** The converted objects of an answer; throws an Error that says what is wrong with it. */
function convertedOf(
  text: string,
  uid: string,
  asked: readonly KubernetesObject[],
  apiVersion: string,
): readonly KubernetesObject[] {
  const { response } = JSON.parse(text) as Answer;
  if (response === undefined) throw new Error('no response provided');
  if (response.uid !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid)}`);
  if (response.result?.status !== 'Success')
    throw new Error(String(response.result?.message ?? 'the webhook gave no reason'));
  const { convertedObjects } = response;
  if (!Array.isArray(convertedObjects) || convertedObjects.length !== asked.length)
    throw new Error(
      `returned ${Array.isArray(convertedObjects) ? convertedObjects.length : 0} objects, expected ${asked.length}`,
    );
  return convertedObjects.map((value: unknown, index) => checked(value, asked[index], index, apiVersion));
}

/** A webhook may change everything but what the object is: of its metadata only labels and annotations. */
function checked(
  value: unknown,
  before: KubernetesObject | undefined,
  index: number,
  apiVersion: string,
): KubernetesObject {
  const object = value as KubernetesObject | null;
  if (typeof object !== 'object' || object === null || before === undefined)
    throw new Error(`converted object ${index} is no object`);
  if (object.apiVersion !== apiVersion)
    throw new Error(
      `returned invalid converted object at index ${index}: invalid groupVersion (should be ${apiVersion})`,
    );
  if (object.kind !== before.kind)
    throw new Error(`returned invalid converted object at index ${index}: invalid kind (should be ${before.kind})`);
  const { labels, annotations, ...identity } = object.metadata ?? {};
  const { labels: _labels, annotations: _annotations, ...expected } = before.metadata;
  for (const key of ['name', 'namespace', 'uid'] as const)
    if (!isDeepStrictEqual(identity[key], expected[key]))
      throw new Error(
        `returned invalid metadata in object at index ${index}: must have the same ${key}: ${String(expected[key])} != ${String(identity[key])}`,
      );
  return {
    ...object,
    metadata: {
      ...expected,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
