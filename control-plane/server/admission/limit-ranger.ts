// A namespace's LimitRanges: fills in default requests and limits of containers, and refuses what is outside the bounds.
import {
  limitRanges,
  type Container,
  type LimitRange,
  type PersistentVolumeClaim,
  type Pod,
} from '../../../api/kinds/core/index.ts';
import { addQuantities, compareQuantities, quantityToMilli } from '../../../api/meta/quantity.ts';
import { forbidden } from '../../../api/meta/status.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

type Amounts = Readonly<Record<string, string>>;
type Item = LimitRange['spec']['limits'][number];

/** The LimitRanger plugin. */
export function createLimitRanger(reader: Reader): AdmissionPlugin {
  const itemsOf = async (namespace: string, type: string): Promise<Item[]> => {
    const ranges = await reader.list<LimitRange>(limitRanges, namespace);
    return ranges.flatMap(({ spec }) => spec.limits).filter((item) => item.type === type);
  };
  return {
    name: 'LimitRanger',
    concerns: ({ operation, definition, subresource }) =>
      definition.group === '' &&
      subresource === '' &&
      ((definition.plural === 'pods' && operation === 'CREATE') ||
        (definition.plural === 'persistentvolumeclaims' && operation !== 'DELETE')),
    async mutate({ object, namespace, definition }) {
      if (definition.plural !== 'pods') return;
      const items = await itemsOf(namespace, 'Container');
      const { spec } = object as Pod;
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
        for (const item of items) fillContainer(container, item);
    },
    async validate(request) {
      const { definition, namespace, object, name } = request;
      const faults =
        definition.plural === 'pods'
          ? podFaults(object as Pod, await itemsOf(namespace, 'Container'), await itemsOf(namespace, 'Pod'))
          : claimFaults(request, await itemsOf(namespace, 'PersistentVolumeClaim'));
      if (faults.length > 0)
        throw forbidden(definition, name, faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
    },
  };
}

/** Defaults never override what the container says; a limit without a request is the request too. */
function fillContainer(container: Container, item: Item): void {
  const resources = (container.resources ??= {});
  const limits = { ...item.default, ...resources.limits };
  const requests = { ...item.defaultRequest, ...resources.requests };
  if (Object.keys(limits).length > 0) resources.limits = limits;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

function podFaults(pod: Pod, containerItems: readonly Item[], podItems: readonly Item[]): string[] {
  const faults: string[] = [];
  const { containers, initContainers = [] } = pod.spec;
  for (const item of containerItems) {
    for (const { resources } of [...containers, ...initContainers])
      faults.push(...boundFaults(item, resources?.requests ?? {}, resources?.limits ?? {}));
  }
  for (const item of podItems) {
    const sum = (side: 'requests' | 'limits'): Amounts =>
      total(containers.map(({ resources }) => resources?.[side] ?? {}));
    faults.push(...boundFaults(item, sum('requests'), sum('limits')));
  }
  return faults;
}

function claimFaults({ object }: AdmissionRequest, items: readonly Item[]): string[] {
  const requests = (object as PersistentVolumeClaim).spec?.resources?.requests ?? {};
  return items.flatMap((item) => boundFaults(item, requests, requests));
}

function total(all: readonly Amounts[]): Amounts {
  const sums: Record<string, string> = {};
  for (const amounts of all)
    for (const [name, amount] of Object.entries(amounts))
      sums[name] = sums[name] === undefined ? amount : addQuantities(sums[name], amount);
  return sums;
}

/** What breaks one item's min, max and ratio. Pure. */
function boundFaults(item: Item, requests: Amounts, limits: Amounts): string[] {
  const faults: string[] = [];
  const { type } = item;
  for (const [name, min] of Object.entries(item.min ?? {})) {
    const request = requests[name];
    if (request === undefined) faults.push(`minimum ${name} usage per ${type} is ${min}.  No request is specified`);
    else if (compareQuantities(request, min) < 0)
      faults.push(`minimum ${name} usage per ${type} is ${min}, but request is ${request}`);
  }
  for (const [name, max] of Object.entries(item.max ?? {})) {
    const limit = limits[name];
    if (limit === undefined) faults.push(`maximum ${name} usage per ${type} is ${max}.  No limit is specified`);
    else if (compareQuantities(limit, max) > 0)
      faults.push(`maximum ${name} usage per ${type} is ${max}, but limit is ${limit}`);
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined || limit === undefined)
      faults.push(`${name} max limit to request ratio per ${type} is ${ratio}, but no request or limit is specified`);
    else if (quantityToMilli(limit) / quantityToMilli(request) > quantityToMilli(ratio) / 1000) {
      faults.push(
        `${name} max limit to request ratio per ${type} is ${ratio}, but provided ratio is ${(quantityToMilli(limit) / quantityToMilli(request)).toFixed(6)}`,
      );
    }
  }
  return faults;
}
