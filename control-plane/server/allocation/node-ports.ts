// Node ports: one bitmap in the store, where upstream keeps it, changed by guarded writes, so that several API servers
// never give one port twice.
import { randomInt } from 'node:crypto';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Store } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';

/** Gives and takes back node ports. */
export interface NodePorts {
  /** Takes a free port; undefined when none is left. */
  allocate(): Promise<number | undefined>;
  /** Takes this port; answers why not, when it cannot. */
  claim(port: number): Promise<string | undefined>;
  release(ports: readonly number[]): Promise<void>;
  /** Marks the ports really in use, and frees those that two calls in a row found unused: what a crash left behind. */
  repair(inUse: readonly number[]): Promise<void>;
}

interface RangeAllocation extends KubernetesObject {
  readonly range: string;
  readonly data: string;
}

const key = '/registry/ranges/servicenodeports';
const attempts = 50;

/** Allocates within an inclusive range. */
export function createNodePorts(
  store: Store,
  clock: Clock,
  range: { readonly first: number; readonly last: number },
): NodePorts {
  const size = range.last - range.first + 1;
  let suspects: ReadonlySet<number> = new Set();
  const toObject = (bits: Buffer): RangeAllocation => ({
    apiVersion: 'v1',
    kind: 'RangeAllocation',
    metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: formatTime(clock.now()) },
    range: `${range.first}-${range.last}`,
    data: bits.toString('base64'),
  });

  /** Changes the bitmap; `change` answers undefined to leave it as it is. */
  const alter = async <T>(change: (bits: Buffer) => { write: boolean; result: T }): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const stored = await store.get(key);
      const data = (stored?.peek() as RangeAllocation | undefined)?.data ?? '';
      const bits = Buffer.alloc(Math.ceil(size / 8));
      Buffer.from(data, 'base64').copy(bits);
      const { write, result } = change(bits);
      if (!write) return result;
      try {
        if (stored === undefined) await store.create(key, toObject(bits));
        else await store.update(key, toObject(bits), stored.revision);
        return result;
      } catch (error) {
        if (
          attempt === attempts ||
          !(isStoreError(error, 'Conflict') || isStoreError(error, 'AlreadyExists') || isStoreError(error, 'NotFound'))
        )
          throw error;
      }
    }
  };

  return {
    allocate: () =>
      alter((bits) => {
        const start = randomInt(size);
        for (let step = 0; step < size; step++) {
          const index = (start + step) % size;
          if (isSet(bits, index)) continue;
          setBit(bits, index);
          return { write: true, result: range.first + index };
        }
        return { write: false, result: undefined };
      }),
    claim: (port) =>
      alter((bits) => {
        const index = port - range.first;
        if (index < 0 || index >= size) {
          return {
            write: false,
            result: `provided port is not in the valid range. The range of valid ports is ${range.first}-${range.last}`,
          };
        }
        if (isSet(bits, index)) return { write: false, result: 'provided port is already allocated' };
        setBit(bits, index);
        return { write: true, result: undefined };
      }),
    release: (ports) =>
      alter((bits) => {
        const held = ports
          .map((port) => port - range.first)
          .filter((index) => index >= 0 && index < size && isSet(bits, index));
        for (const index of held) clearBit(bits, index);
        return { write: held.length > 0, result: undefined };
      }),
    async repair(inUse) {
      const used = new Set(inUse.map((port) => port - range.first).filter((index) => index >= 0 && index < size));
      const leaked = await alter((bits) => {
        let write = false;
        const unused = new Set<number>();
        for (let index = 0; index < size; index++) {
          if (used.has(index)) {
            write ||= !isSet(bits, index);
            setBit(bits, index);
          } else if (isSet(bits, index)) {
            // Seen unused twice: no write takes that long, so its Service never came to be.
            if (suspects.has(index)) {
              clearBit(bits, index);
              write = true;
            } else unused.add(index);
          }
        }
        return { write, result: unused };
      });
      suspects = leaked;
    },
  };
}

function isSet(bits: Buffer, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

function setBit(bits: Buffer, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

function clearBit(bits: Buffer, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) & ~(1 << (index & 7));
}
