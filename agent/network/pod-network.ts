// The pod network of one node (see contract.ts for what it promises). Addresses are kept on disk; wires are found again
// by their names. Attaching a pod costs two processes.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../machinery/clock.ts';
import { openAddressBook } from './addresses.ts';
import type { AddressBook } from './addresses.ts';
import { createMasquerade, ensureBridge, ensureSysctls, findMtu, openForeignForward } from './bridge.ts';
import { ipBatch } from './command.ts';
import type { PodNetwork, PodNetworkOptions } from './contract.ts';
import { gatewayOf, parseCidr } from './cidr.ts';
import { connectPod, disconnectPod, hostLinkName, isConnected, linkExists, netnsOf, refreshPod } from './pod-link.ts';

const readyMs = 10_000;

interface ReadyNode {
  readonly podCidr: string;
  readonly gateway: string;
  readonly mtu: number;
  readonly addresses: AddressBook;
}

/** A pod network that keeps its addresses in `<dataDir>/network/addresses`. Touches nothing before `ensureNode`. */
export function createPodNetwork(options: PodNetworkOptions): PodNetwork {
  const { clusterPodCidr, serviceCidr, logger, clock = systemClock } = options;
  const masquerade = createMasquerade(clusterPodCidr, serviceCidr);
  const wired = new Map<string, string>(); // pod uid → the network namespace it was wired to by this process
  let node: ReadyNode | undefined;
  let adopted: readonly { readonly podUid: string; readonly podIp?: string }[] | undefined;

  const up = Promise.withResolvers<void>();
  /** A new agent meets its pods and its pod range in any order. */
  const ready = async (): Promise<ReadyNode> => {
    if (node === undefined) await Promise.race([up.promise, clock.sleep(readyMs)]);
    if (node === undefined) throw new Error('the pod network is not ready yet: this node has no pod range');
    return node;
  };
  const prepare = async (podCidr: string): Promise<void> => {
    const mtu = node?.mtu ?? (await findMtu());
    await ensureBridge(podCidr, mtu);
    const failed = await ensureSysctls();
    if (failed.length > 0) logger.warn({ failed }, 'kernel settings could not be written; set them on the machine');
    await openForeignForward(clusterPodCidr, logger);
    if (await masquerade.repair()) logger.info('masquerade rules loaded');
    if (node?.podCidr === podCidr) return;
    const addresses = await openAddressBook(join(options.dataDir, 'network', 'addresses'), podCidr);
    node = { podCidr, gateway: gatewayOf(parseCidr(podCidr)), mtu, addresses };
    if (adopted !== undefined) await reconcile(node, adopted);
    adopted = undefined;
    up.resolve();
    logger.info({ podCidr, mtu }, 'pod network is up');
  };
  /** Frees what no running pod holds and records what running pods hold. */
  const reconcile = async (at: ReadyNode, pods: readonly { podUid: string; podIp?: string }[]): Promise<void> => {
    const running = new Set(pods.map(({ podUid }) => podUid));
    for (const owner of at.addresses.owners()) if (!running.has(owner)) await at.addresses.release(owner);
    for (const { podUid, podIp } of pods) if (podIp !== undefined) await at.addresses.claim(podUid, podIp);
    const wanted = new Set([...running].map(hostLinkName));
    const present = (await readdir('/sys/class/net')).filter((link) => /^phv[0-9a-f]{12}$/.test(link));
    await ipBatch(
      present.filter((link) => !wanted.has(link)).map((link) => `link del ${link}`),
      { force: true },
    );
  };

  let preparing: Promise<void> = Promise.resolve();
  return {
    ensureNode(podCidr) {
      preparing = preparing.catch(() => undefined).then(() => prepare(podCidr));
      return preparing;
    },
    async attach(pod, pausePid) {
      const { addresses, gateway, mtu } = await ready();
      const netns = await netnsOf(pausePid);
      if (netns === undefined) throw new Error(`the pause container of ${pod.namespace}/${pod.name} has ended`);
      const address = await addresses.allocate(pod.uid);
      const link = { podUid: pod.uid, address, gateway, mtu };
      const known = linkExists(pod.uid) ? wired.get(pod.uid) : undefined;
      if (known === undefined && linkExists(pod.uid)) {
        // Wired by an earlier agent: keep the wire when it leads here, so that no connection breaks.
        if (!(await isConnected(link, pausePid)))
          await refreshPod(link, pausePid).catch(() => connectPod(link, pausePid));
      } else if (known !== netns) await connectPod(link, pausePid);
      wired.set(pod.uid, netns);
      return { podIp: address, podIps: [address] };
    },
    async detach(podUid) {
      wired.delete(podUid);
      await disconnectPod(podUid);
      await node?.addresses.release(podUid);
    },
    async adopt(attached) {
      if (node !== undefined) await reconcile(node, attached);
      else adopted = attached;
    },
    addressOf: (podUid) => node?.addresses.addressOf(podUid),
  };
}
