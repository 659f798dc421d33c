// Charges a write to the quotas of its namespace before it is made. The charge is a guarded write of the quota's status,
// so that several servers together never let through more than the quota allows; the controller recounts what was
// charged for writes that failed later. Stands last, when the object is final.
import { resourceQuotas, type ResourceQuota } from '../../../api/kinds/core/index.ts';
import { compareQuantities, subtractQuantities } from '../../../api/meta/quantity.ts';
import { forbidden } from '../../../api/meta/status.ts';
import { addUsage, countsFor, limits, usageOf, type Usage } from '../../controllers/resource-quota/usage.ts';
import type { Store } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import { storageKey } from '../registry/reader.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const attempts = 20;
const sized = new Set(['persistentvolumeclaims', 'services']);
const computed = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** The ResourceQuota plugin. */
export function createResourceQuotaAdmission(reader: Reader, store: Store): AdmissionPlugin {
  const charging = new Map<string, Promise<void>>();

  /** One charge at a time in a namespace: writes of one server need not fight each other. */
  const inTurn = (namespace: string, work: () => Promise<void>): Promise<void> => {
    const run = (charging.get(namespace) ?? Promise.resolve()).then(work);
    const quiet = run
      .catch(() => undefined)
      .finally(() => {
        if (charging.get(namespace) === quiet) charging.delete(namespace);
      });
    charging.set(namespace, quiet);
    return run;
  };

  return {
    name: 'ResourceQuota',
    concerns: ({ operation, definition, subresource }) =>
      subresource === '' &&
      definition.namespaced &&
      (operation === 'CREATE' || (operation === 'UPDATE' && definition.group === '' && sized.has(definition.plural))),
    async validate(request) {
      const { definition, namespace, object, previous } = request;
      if (object === undefined) return;
      const quotas = await reader.list<ResourceQuota>(resourceQuotas, namespace);
      if (quotas.length === 0) return;
      const usage = usageOf(definition, object);
      const concerned = quotas.filter((quota) => countsFor(quota, definition, object));
      for (const quota of concerned) demandAmounts(request, quota, usage);
      const charged = concerned.filter((quota) => limits(quota, usage));
      if (charged.length === 0) return;
      const delta = previous === undefined ? usage : difference(usage, usageOf(definition, previous));
      if (Object.keys(delta).length === 0) return;
      await inTurn(namespace, async () => {
        for (const quota of charged) await charge(store, request, quota.metadata.name, delta);
      });
    },
  };
}

/** A quota on cpu or memory demands that pods say what they need. */
function demandAmounts(request: AdmissionRequest, quota: Readonly<ResourceQuota>, usage: Usage): void {
  if (request.definition.plural !== 'pods' || request.definition.group !== '') return;
  const missing = Object.keys(quota.spec?.hard ?? {}).filter((name) => computed.has(name) && usage[name] === undefined);
  if (missing.length > 0)
    throw forbidden(
      request.definition,
      request.name,
      `failed quota: ${quota.metadata.name}: must specify ${missing.sort().join(',')}`,
    );
}

/** What grows from one usage to the other. */
function difference(next: Usage, before: Usage): Usage {
  const grown: Usage = {};
  for (const [name, amount] of Object.entries(next)) {
    const delta = subtractQuantities(amount, before[name] ?? '0');
    if (compareQuantities(delta, '0') > 0) grown[name] = delta;
  }
  return grown;
}

async function charge(store: Store, request: AdmissionRequest, name: string, delta: Usage): Promise<void> {
  const key = storageKey(resourceQuotas, request.namespace, name);
  let stored = await store.get(key, { consistency: 'cache' });
  for (let attempt = 1; stored !== undefined; attempt++) {
    const quota = stored.parse() as ResourceQuota;
    const hard = quota.spec?.hard ?? {};
    const own = Object.fromEntries(Object.entries(delta).filter(([resource]) => hard[resource] !== undefined));
    const used = addUsage(quota.status?.used ?? {}, own);
    const exceeded = Object.keys(own).filter(
      (resource) => compareQuantities(used[resource] ?? '0', hard[resource] ?? '0') > 0,
    );
    if (exceeded.length > 0) throw refusal(request, quota, own, exceeded);
    if (Object.keys(own).length === 0 || request.dryRun) return;
    try {
      await store.update(
        key,
        { ...quota, status: { ...quota.status, hard: quota.status?.hard ?? hard, used } } as ResourceQuota,
        stored.revision,
      );
      return;
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return;
      if (!isStoreError(error, 'Conflict') || attempt === attempts) throw error;
      stored = await store.get(key);
    }
  }
}

function refusal(
  { definition, name }: AdmissionRequest,
  quota: ResourceQuota,
  own: Usage,
  exceeded: readonly string[],
): Error {
  const list = (amounts: Readonly<Record<string, string | undefined>>): string =>
    [...exceeded]
      .sort()
      .map((resource) => `${resource}=${amounts[resource] ?? '0'}`)
      .join(',');
  const { hard = {} } = quota.spec ?? {};
  return forbidden(
    definition,
    name,
    `exceeded quota: ${quota.metadata.name}, requested: ${list(own)}, used: ${list(quota.status?.used ?? {})}, limited: ${list(hard)}`,
  );
}
