// The network of a hollow node: addresses for its pods, counted through a range that belongs to documentation and tests,
// with nothing behind them.
import type { NodeNetwork } from '../node-network.ts';

/** 198.18.0.0/15 is set aside for benchmarks: no packet for it should ever reach anyone. */
const firstOctets = '198.18';

export function createHollowNetwork(): NodeNetwork {
  const addresses = createHollowAddresses();
  return {
    pods: {
      attach: async ({ uid }) => {
        const podIp = addresses.of(uid);
        return { podIp, podIps: [podIp] };
      },
      detach: async (podUid) => addresses.free(podUid),
    },
    adopt: () => Promise.resolve(),
    problem: () => undefined,
    onChange: () => undefined,
    dnsCounters: () => Promise.resolve(undefined),
    run: () => Promise.resolve(),
  };
}

export interface HollowAddresses {
  of(podUid: string): string;
  free(podUid: string): void;
}

/** One address per pod, the same for as long as it lives. */
export function createHollowAddresses(): HollowAddresses {
  const byPod = new Map<string, string>();
  let next = 1;
  return {
    of(podUid) {
      const known = byPod.get(podUid);
      if (known !== undefined) return known;
      const address = `${firstOctets}.${(next >> 8) & 255}.${next & 255}`;
      next = (next % 0xfffe) + 1;
      byPod.set(podUid, address);
      return address;
    },
    free: (podUid) => void byPod.delete(podUid),
  };
}
