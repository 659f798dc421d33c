// Long-lived tokens that somebody asked for by a Secret. Each is bound to its Secret: deleting the Secret ends the token.
import type { ServiceAccount } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { secrets, serviceAccounts } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { createInformer } from '../../../machinery/informer.ts';
import { accountNameAnnotation, filledSecret, planTokenSecret, tokenSecretType } from './plan.ts';

/** As long as the API server gives tokens for: such Secrets have no other end than their own. */
const expirationSeconds = 2 ** 32;

interface TokenAnswer {
  readonly status?: { readonly token?: string };
}

/** Runs until the context's signal aborts. Only Secrets of this type are followed. */
export async function runServiceAccountTokenController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const accountInformer = informers.of(serviceAccounts);
  const secretInformer = createInformer({
    client,
    resource: secrets,
    fieldSelector: `type=${tokenSecretType}`,
    indexes: {
      account: ({ metadata }) => [`${metadata.namespace}/${metadata.annotations?.[accountNameAnnotation] ?? ''}`],
    },
    clock,
    logger,
  });

  /** An account that the cache lacks may only be late: a Secret is deleted on the server's word alone. */
  const accountOf = async (namespace: string, name: string): Promise<Readonly<ServiceAccount> | undefined> => {
    const known = accountInformer.get(`${namespace}/${name}`);
    if (known) return known;
    try {
      return await client.resource(serviceAccounts, namespace).get(name, { signal });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  };

  const running = secretInformer.run(signal);
  await runController({
    name: 'service-account-token',
    sources: [
      watchFor(secretInformer),
      watchFor(accountInformer, (account, { current, previous }) =>
        current && previous ? [] : secretInformer.byIndex('account', keyOf(account)).map(keyOf),
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const secret = secretInformer.get(key);
      const accountName = secret?.metadata.annotations?.[accountNameAnnotation];
      if (secret === undefined || !accountName) return;
      const { name, namespace = '', uid } = secret.metadata;
      const account = await accountOf(namespace, accountName);
      const { rootCa } = context.settings;
      const plan = planTokenSecret(secret, account, rootCa);
      const api = client.resource(secrets, namespace);
      if (plan.do === 'delete') {
        await api.delete(name, { preconditions: { uid }, signal }).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
        });
      } else if (plan.do === 'fill' && account) {
        let token: string | undefined;
        if (plan.needsToken) {
          const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name, uid };
          const body = {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: { expirationSeconds, boundObjectRef },
          };
          const accounts = client.resource(serviceAccounts, namespace);
          token = (await accounts.subresource<TokenAnswer>(accountName, 'token', body, { signal })).status?.token;
        }
        await api.update(filledSecret(secret, account, rootCa, token), { signal });
      }
    },
  });
  await running;
}
