// Removes bootstrap tokens that have run out, and keeps the public cluster-info signed by those that may sign.
import type { ControllerContext } from '../context.ts';
import { bootstrapTokenNamespace, bootstrapTokenType, configMaps, secrets } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { createInformer } from '../../../machinery/informer.ts';
import { planClusterInfo, planToken, signingTokenOf } from './token.ts';

const infoNamespace = 'kube-public';
const infoName = 'cluster-info';
const infoKey = `${infoNamespace}/${infoName}`;

/** Runs until the context's signal aborts. Only token Secrets are followed, never the cluster's other ones. */
export async function runBootstrapTokenController(context: ControllerContext): Promise<void> {
  const { client, clock, signal, logger } = context;
  const shared = { client, clock, logger };
  const tokens = createInformer({
    ...shared,
    resource: secrets,
    namespace: bootstrapTokenNamespace,
    fieldSelector: `type=${bootstrapTokenType}`,
  });
  const infos = createInformer({
    ...shared,
    resource: configMaps,
    namespace: infoNamespace,
    fieldSelector: `metadata.name=${infoName}`,
  });

  const clean = async (key: string): Promise<{ requeueAfterMs?: number } | void> => {
    const token = tokens.get(key);
    if (token === undefined) return;
    const plan = planToken(token, clock.now());
    if (plan.do === 'wait') return { requeueAfterMs: plan.forMs };
    if (plan.do === 'nothing') return;
    const { name, uid } = token.metadata;
    await client
      .resource(secrets, bootstrapTokenNamespace)
      .delete(name, { preconditions: { uid }, signal })
      .catch((error: unknown) => {
        if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
      });
  };
  const sign = async (): Promise<void> => {
    const info = infos.get(infoKey);
    const nowMs = clock.now();
    const signing = tokens.list().flatMap((token) => signingTokenOf(token, nowMs) ?? []);
    const next = info && planClusterInfo(info, signing);
    if (next) await client.resource(configMaps, infoNamespace).update(next, { signal });
  };

  await Promise.all([
    tokens.run(signal),
    infos.run(signal),
    runController({
      name: 'bootstrap-tokens',
      sources: [watchFor(infos), watchFor(tokens, (token) => [keyOf(token), infoKey])],
      workers: 1,
      clock,
      logger,
      signal,
      reconcile: (key) => (key === infoKey ? sign() : clean(key)),
    }),
  ]);
}
