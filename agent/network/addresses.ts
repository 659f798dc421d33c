// Which pod holds which address of the node's podCIDR, one small file per address: an allocation is one exclusive create,
// so it survives a crash at any point and no two pods can hold one address.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cidrContains, formatIpv4, parseCidr } from './cidr.ts';
import type { Cidr } from './cidr.ts';

export interface AddressBook {
  /** The pod's address: the one it holds, else the next free one in turn. Throws when none is free. */
  allocate(podUid: string): Promise<string>;
  addressOf(podUid: string): string | undefined;
  release(podUid: string): Promise<void>;
  /** Records an address that is already in use by a running pod. */
  claim(podUid: string, address: string): Promise<void>;
  /** Uids of all pods that hold an address. */
  owners(): string[];
}

/** Opens the book kept in `folder`; entries outside `podCidr` (the node's range has changed) are dropped. */
export async function openAddressBook(folder: string, podCidr: string): Promise<AddressBook> {
  const cidr = parseCidr(podCidr);
  if (cidr.size < 4) throw new Error(`the pod range ${podCidr} has no room for pods`);
  await mkdir(folder, { recursive: true });
  const byPod = new Map<string, string>();
  const taken = new Set<string>();
  for (const address of await readdir(folder)) {
    const owner = (await readFile(join(folder, address), 'utf8')).trim();
    if (owner === '' || !cidrContains(cidr, address)) await rm(join(folder, address), { force: true });
    else {
      byPod.set(owner, address);
      taken.add(address);
    }
  }
  let cursor = highestOffset(cidr, taken);

  const take = async (podUid: string, address: string): Promise<string> => {
    byPod.set(podUid, address);
    taken.add(address);
    try {
      await writeFile(join(folder, address), podUid);
    } catch (error) {
      byPod.delete(podUid);
      taken.delete(address);
      throw error;
    }
    return address;
  };
  return {
    async allocate(podUid) {
      const held = byPod.get(podUid);
      if (held !== undefined) return held;
      // The network's own address, the bridge's and the broadcast address are never given out. Taking turns keeps a
      // freed address unused for as long as possible.
      const usable = cidr.size - 3;
      for (let step = 1; step <= usable; step++) {
        const offset = 2 + ((cursor - 2 + step + usable) % usable);
        const address = formatIpv4(cidr.base + offset);
        if (taken.has(address)) continue;
        cursor = offset;
        return take(podUid, address);
      }
      throw new Error(`no free address is left in ${podCidr}: ${taken.size} pods hold one`);
    },
    addressOf: (podUid) => byPod.get(podUid),
    async release(podUid) {
      const address = byPod.get(podUid);
      if (address === undefined) return;
      await rm(join(folder, address), { force: true });
      byPod.delete(podUid);
      taken.delete(address);
    },
    async claim(podUid, address) {
      if (byPod.get(podUid) === address || taken.has(address) || !cidrContains(cidr, address)) return;
      await take(podUid, address);
    },
    owners: () => [...byPod.keys()],
  };
}

function highestOffset(cidr: Cidr, taken: ReadonlySet<string>): number {
  for (let offset = cidr.size - 2; offset >= 2; offset--) {
    if (taken.has(formatIpv4(cidr.base + offset))) return offset;
  }
  return 1;
}
