// Elements that several Services may ask for (an external address and port, a hairpin pair). The Service whose key sorts
// first has its way; when it leaves, the next one's value takes over, without anybody planning again.
import type { Element } from './plan-service.ts';

interface ElementSink {
  put(set: string, key: string, value?: string): void;
  remove(set: string, key: string): void;
}

export interface SharedElements {
  /** Replaces what a Service asks for. */
  update(service: string, previous: readonly Element[], next: readonly Element[]): void;
}

/** Passes the winner of each element on to `sink`. */
export function createSharedElements(sink: ElementSink): SharedElements {
  const claims = new Map<string, Map<string, string>>(); // "set key" → service → value

  const settle = (set: string, key: string): void => {
    const claimants = claims.get(`${set} ${key}`);
    const winner = claimants && [...claimants.keys()].sort()[0];
    if (winner === undefined) {
      claims.delete(`${set} ${key}`);
      sink.remove(set, key);
    } else sink.put(set, key, claimants?.get(winner));
  };
  return {
    update(service, previous, next) {
      const touched = new Map<string, Element>();
      for (const element of previous) {
        claims.get(`${element.set} ${element.key}`)?.delete(service);
        touched.set(`${element.set} ${element.key}`, element);
      }
      for (const element of next) {
        const id = `${element.set} ${element.key}`;
        let claimants = claims.get(id);
        if (claimants === undefined) claims.set(id, (claimants = new Map()));
        claimants.set(service, element.value);
        touched.set(id, element);
      }
      for (const { set, key } of touched.values()) settle(set, key);
    },
  };
}
