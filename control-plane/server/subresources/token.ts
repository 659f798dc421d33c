// POST serviceaccounts/NAME/token: TokenRequest, answered with a signed token bound to what was asked.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { nodes, pods, secrets } from '../../../api/kinds/core/index.ts';
import { conflict, forbidden, invalid, notFound } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { applyDefaults } from '../../../api/schema/defaults.ts';
import { TokenRequest } from '../../../api/kinds/authentication/index.ts';
import type { ServiceAccountTokens, TokenBinding } from '../authentication/service-account-tokens.ts';
import { nodeNameOf } from '../authentication/user.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { decodeBody, readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceHandler } from '../resource-routes.ts';
import { checkType } from '../registry/decode-object.ts';
import { fetchObject } from '../registry/get.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';

const shortestSeconds = 600;
const longestSeconds = 2 ** 32;
const defaultSeconds = 3600;

interface Bound {
  readonly binding: TokenBinding;
  readonly node?: { readonly name: string; readonly uid?: string };
}

/** The handler of token requests. */
export function createTokenHandler(tokens: ServiceAccountTokens): ResourceHandler {
  return async (parts, request) => {
    const { exchange, definition, info } = request;
    const body = decodeBody(await readBody(exchange.request), exchange.headers['content-type']);
    const asked = checkType(body, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
    }) as unknown as TokenRequest;
    applyDefaults(TokenRequest.schema, asked);
    const expirationSeconds = asked.spec?.expirationSeconds ?? defaultSeconds;
    if (!(expirationSeconds >= shortestSeconds && expirationSeconds <= longestSeconds)) {
      const message = `Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes or larger than 2^32 seconds`;
      throw invalid('TokenRequest.authentication.k8s.io', info.name, [
        { path: 'spec.expirationSeconds', reason: 'FieldValueInvalid', message },
      ]);
    }
    const account = (await fetchObject(parts, definition, info.namespace, info.name, 'latest')).peek();
    const bound = await resolveBinding(parts, request, asked);
    const audiences = asked.spec?.audiences?.length ? asked.spec.audiences : tokens.audiences;
    const { token, expiresMs } = await tokens.issue({
      namespace: info.namespace,
      serviceAccount: { name: info.name, uid: account.metadata.uid },
      audiences,
      expirationSeconds,
      binding: bound?.binding,
      node: bound?.node,
    });
    const answer = {
      ...asked,
      metadata: { name: info.name, namespace: info.namespace, creationTimestamp: formatTime(parts.clock.now()) },
      spec: { ...asked.spec, audiences, expirationSeconds },
      status: { token, expirationTimestamp: formatTime(expiresMs) },
    };
    answerObject(exchange, 201, answer, formOf(exchange));
  };
}

/** Finds what the token is to be bound to; a kubelet may only ask for pods of its own node. */
async function resolveBinding(
  parts: ServerParts,
  request: ResourceRequest,
  asked: TokenRequest,
): Promise<Bound | undefined> {
  const { info, definition, user } = request;
  const reference = asked.spec?.boundObjectRef;
  const nodeName = nodeNameOf(user);
  if (reference === undefined) {
    if (nodeName !== undefined) throw forbidden(definition, info.name, `node requested token not bound to a pod`);
    return undefined;
  }
  const { kind = '', name = '', uid } = reference;
  const resource = kind === 'Pod' ? pods : kind === 'Secret' ? secrets : kind === 'Node' ? nodes : undefined;
  if (resource === undefined || (nodeName !== undefined && kind !== 'Pod')) {
    const message = `Invalid value: ${JSON.stringify(kind)}: cannot bind token to object of this type`;
    throw invalid('TokenRequest.authentication.k8s.io', info.name, [
      { path: 'spec.boundObjectRef.kind', reason: 'FieldValueInvalid', message },
    ]);
  }
  const object = await parts.reader.get<KubernetesObject>(resource, info.namespace, name, 'latest');
  if (object === undefined) throw notFound(resource as { group: string; plural: string }, name);
  if (uid && uid !== object.metadata.uid)
    throw conflict(
      resource as { group: string; plural: string },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  const binding: TokenBinding = { kind: kind as TokenBinding['kind'], name, uid: object.metadata.uid };
  if (kind !== 'Pod') return { binding };
  const { spec } = object as Pod;
  if ((spec.serviceAccountName ?? 'default') !== info.name)
    throw forbidden(definition, info.name, `the pod ${name} does not use this service account`);
  if (nodeName !== undefined && spec.nodeName !== nodeName)
    throw forbidden(definition, info.name, `node requested token bound to a pod scheduled on a different node`);
  if (!spec.nodeName) return { binding };
  const node = await parts.reader.get<KubernetesObject>(nodes, '', spec.nodeName);
  return { binding, node: { name: spec.nodeName, uid: node?.metadata.uid } };
}
