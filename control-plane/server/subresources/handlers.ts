// Which subresource is served by what; those not named here are views of the whole object.
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';
import type { NodeClient } from '../kubelet/node-client.ts';
import type { SubresourceHandlers } from '../resource-routes.ts';
import { serveBinding } from './binding.ts';
import { admitted } from './connect-admission.ts';
import { serveEviction } from './eviction.ts';
import { serveNamespaceFinalize } from './namespace-finalize.ts';
import { createPortForwardHandler, createStreamHandler } from './pod-connect.ts';
import { createLogHandler } from './pod-log.ts';
import { createNodeProxyHandler, createProxyHandler } from './proxy.ts';
import { serveScale } from './scale.ts';
import { createTokenHandler } from './token.ts';

/** What the handlers stand on. */
export interface SubresourceParts {
  readonly tokens: ServiceAccountTokens;
  readonly nodeClient: NodeClient;
}

/** Handlers of subresources, by `group/plural/subresource` or bare name. */
export function createSubresourceHandlers({ tokens, nodeClient }: SubresourceParts): SubresourceHandlers {
  return {
    scale: serveScale,
    '/namespaces/finalize': serveNamespaceFinalize,
    '/pods/attach': admitted(createStreamHandler(nodeClient, 'attach')),
    '/pods/binding': serveBinding,
    '/pods/eviction': serveEviction,
    '/pods/exec': admitted(createStreamHandler(nodeClient, 'exec')),
    '/pods/log': createLogHandler(nodeClient),
    '/nodes/proxy': admitted(createNodeProxyHandler(nodeClient)),
    '/pods/proxy': admitted(createProxyHandler('pods')),
    '/services/proxy': admitted(createProxyHandler('services')),
    '/pods/portforward': admitted(createPortForwardHandler(nodeClient)),
    '/serviceaccounts/token': createTokenHandler(tokens),
  };
}
