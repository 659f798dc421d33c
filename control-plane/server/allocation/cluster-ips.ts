// Cluster IPs: one IPAddress object each, whose creation is the lock, so that several API servers never give one twice.
// An address whose Service is gone (a server died between two writes) is taken over.
import { randomInt, randomUUID } from 'node:crypto';
import { ipAddresses, type IPAddress } from '../../../api/kinds/networking/index.ts';
import { services } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Store, StoredObject } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import { storageKey } from '../registry/reader.ts';
import { dynamicStart, ipv4ToNumber, numberToIpv4, type Ipv4Range } from './ipv4-range.ts';

/** The Service that an address is for. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
}

/** Gives and takes back cluster IPs. */
export interface ClusterIps {
  /** Takes any free address; undefined when the range is full. */
  allocate(owner: Owner): Promise<string | undefined>;
  /** Takes this address; answers why not, when it cannot. */
  claim(address: string, owner: Owner): Promise<string | undefined>;
  /** Gives an address back if it still is the owner's. */
  release(address: string, owner: Owner): Promise<void>;
}

const randomAttempts = 32;
/** A lock younger than this may belong to a Service that is just being written. */
const youngMs = 60_000;

/** Allocates within the ranges that there are at the time. */
export function createClusterIps(store: Store, clock: Clock, ranges: () => Promise<readonly Ipv4Range[]>): ClusterIps {
  const lock = (address: string, { namespace, name }: Owner): IPAddress => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: address,
      uid: randomUUID(),
      resourceVersion: '',
      creationTimestamp: formatTime(clock.now()),
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  });
  const keyOf = (address: string): string => storageKey(ipAddresses, '', address);

  const tryTake = async (address: string, owner: Owner): Promise<boolean> => {
    try {
      await store.create(keyOf(address), lock(address, owner));
      return true;
    } catch (error) {
      if (!isStoreError(error, 'AlreadyExists')) throw error;
      const current = error.current ?? (await store.get(keyOf(address)));
      return current !== undefined && (await isAbandoned(current, owner)) && replace(current, address, owner);
    }
  };

  const isAbandoned = async (stored: StoredObject, owner: Owner): Promise<boolean> => {
    const { metadata, spec } = stored.peek() as IPAddress;
    const { namespace = '', name } = spec.parentRef;
    if (namespace === owner.namespace && name === owner.name) return true;
    if (Date.parse(metadata.creationTimestamp) + youngMs > clock.now()) return false;
    const holder = await store.get(storageKey(services, namespace, name));
    const held = (holder?.peek() as { spec?: { clusterIPs?: string[]; clusterIP?: string } } | undefined)?.spec;
    return held?.clusterIP !== metadata.name && !(held?.clusterIPs ?? []).includes(metadata.name);
  };

  const replace = async (current: StoredObject, address: string, owner: Owner): Promise<boolean> => {
    try {
      await store.update(keyOf(address), lock(address, owner), current.revision);
      return true;
    } catch (error) {
      if (isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound')) return false;
      throw error;
    }
  };

  const takeIfFree = async (value: number, owner: Owner): Promise<string | undefined> => {
    const address = numberToIpv4(value);
    const isTaken = (await store.get(keyOf(address), { consistency: 'cache' })) !== undefined;
    return !isTaken && (await tryTake(address, owner)) ? address : undefined;
  };

  const allocateIn = async (range: Ipv4Range, owner: Owner): Promise<string | undefined> => {
    const start = Math.min(dynamicStart(range), range.last);
    for (let attempt = 0; attempt < randomAttempts; attempt++) {
      const address = await takeIfFree(randomInt(start, range.last + 1), owner);
      if (address !== undefined) return address;
    }
    // Crowded: walk the whole range once, the preferred part first.
    for (let step = 0, size = range.last - range.first + 1; step < size; step++) {
      const address = await takeIfFree(range.first + ((start - range.first + step) % size), owner);
      if (address !== undefined) return address;
    }
    return undefined;
  };

  return {
    async allocate(owner) {
      for (const range of await ranges()) {
        const address = await allocateIn(range, owner);
        if (address !== undefined) return address;
      }
      return undefined;
    },
    async claim(address, owner) {
      const value = ipv4ToNumber(address);
      const all = await ranges();
      if (!all.some((range) => value >= range.first && value <= range.last)) {
        const valid = all.map(({ cidr }) => cidr).join(', ');
        return `failed to allocate IP ${address}: the provided IP (${address}) is not in the valid range. The range of valid IPs is ${valid}`;
      }
      return (await tryTake(address, owner))
        ? undefined
        : `failed to allocate IP ${address}: provided IP is already allocated`;
    },
    async release(address, owner) {
      const stored = await store.get(keyOf(address));
      if (stored === undefined) return;
      const { parentRef } = (stored.peek() as IPAddress).spec;
      if (parentRef.namespace !== owner.namespace || parentRef.name !== owner.name) return;
      await store.delete(keyOf(address), stored.revision).catch((error: unknown) => {
        if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotFound')) throw error;
      });
    },
  };
}
