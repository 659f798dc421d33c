// Keeps the served custom resources in step with the CRDs: accepts names, serves, and on deletion empties the resource
// before the CRD goes. Every API server serves for itself; status writes are guarded, so several may try.
import { customResourceDefinitions, type CustomResourceDefinition } from '../../../api/kinds/apiextensions/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { isStoreError } from '../../store/errors.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { Store } from '../../store/contract.ts';
import { storageKey } from '../registry/reader.ts';
import { followResource, type ResidentContext } from '../residents/resident.ts';
import type { WebhookClient } from '../webhooks/webhook-client.ts';
import type { ServedResources } from '../served/served-resources.ts';
import { isEstablished, namesTakenBy, planStatus } from './crd-conditions.ts';
import { prepareDefinition } from './rules/admission.ts';
import { definitionsOf, type CustomDefinition } from './custom-definition.ts';

/** Holds a deleted CRD until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const retryAfterMs = 1000;

/** What the controller works on. */
export interface CrdContext extends ResidentContext {
  readonly served: ServedResources;
  /** Calls the webhooks that convert between versions. */
  readonly conversionClient: WebhookClient;
  /** Deletes every object of a definition as a client would; answers how many are left, held by finalizers. */
  empty(definition: CustomDefinition): Promise<number>;
}

/** Starts following CRDs; resolves once the present ones are served. */
export async function serveCustomResources(context: CrdContext): Promise<void> {
  const { served, logger } = context;
  const { resident, whenSynced } = followResource<CustomResourceDefinition>(context, customResourceDefinitions);
  const syncing = new Map<string, Promise<void>>();
  const versions = new Map<string, string>();

  const sync = async (crd: Readonly<CustomResourceDefinition>): Promise<void> => {
    const { name, generation = 0 } = crd.metadata;
    const others = served
      .all()
      .filter((definition) => (definition as Partial<CustomDefinition>).custom?.crdName !== name);
    await writeStatus(context, crd, planStatus(crd, namesTakenBy(crd, others), formatTime(context.clock.now())));
    const version = `${crd.metadata.uid} ${generation}`;
    if (isEstablished(crd) && versions.get(name) !== version) {
      await prepareDefinition(crd);
      // Gone while it was compiled: what nobody defines must not be served.
      if (resident.get('', name)?.metadata.uid !== crd.metadata.uid) return;
      versions.set(name, version);
      served.set(name, definitionsOf(crd, context.conversionClient));
    }
    if (crd.metadata.deletionTimestamp !== undefined) await finalize(context, crd);
  };

  /** One run at a time for each CRD; a failed one is tried again while the CRD is there. */
  const enqueue = (name: string): void => {
    const before = syncing.get(name) ?? Promise.resolve();
    const run = before.then(async () => {
      const crd = resident.get('', name);
      if (crd === undefined || context.signal.aborted) return;
      try {
        await sync(crd);
      } catch (error) {
        logger.warn(
          { err: error, crd: name },
          'a CustomResourceDefinition could not be brought into service; trying again',
        );
        context.clock.setTimeout(() => enqueue(name), retryAfterMs);
      }
    });
    syncing.set(name, run);
  };

  resident.onDidChange((previous, current) => {
    const name = current?.metadata.name ?? previous?.metadata.name ?? '';
    if (current !== undefined) return enqueue(name);
    versions.delete(name);
    syncing.delete(name);
    served.set(name, []);
  });
  await whenSynced;
  for (const crd of resident.list()) enqueue(crd.metadata.name);
  await Promise.all(syncing.values());
}

async function writeStatus(
  { store }: { store: Store },
  crd: Readonly<CustomResourceDefinition>,
  status: CustomResourceDefinition['status'],
): Promise<void> {
  if (status === undefined) return;
  const { name, resourceVersion } = crd.metadata;
  try {
    await store.update(
      storageKey(customResourceDefinitions, '', name),
      { ...structuredClone(crd), status } as CustomResourceDefinition,
      Number(resourceVersion),
    );
  } catch (error) {
    // Somebody wrote it meanwhile: their version comes by the watch and is judged then.
    if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotFound')) throw error;
  }
}

async function finalize(
  context: CrdContext & { clock: Clock; logger: Logger },
  crd: Readonly<CustomResourceDefinition>,
): Promise<void> {
  const { store, empty } = context;
  if (!(crd.metadata.finalizers ?? []).includes(cleanupFinalizer)) return;
  const [definition] = definitionsOf(crd, context.conversionClient);
  const left = definition === undefined ? 0 : await empty(definition);
  if (left > 0) throw new Error(`${left} objects of ${crd.metadata.name} are held by finalizers`);
  const key = storageKey(customResourceDefinitions, '', crd.metadata.name);
  const stored = await store.get(key);
  if (stored === undefined) return;
  const latest = stored.parse();
  latest.metadata.finalizers = (latest.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
  if (latest.metadata.finalizers.length === 0) await store.delete(key, stored.revision);
  else await store.update(key, latest, stored.revision);
}
