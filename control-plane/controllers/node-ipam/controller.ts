// Gives every node a pod range of its own, for life. Two nodes never share one: a range is remembered from the moment
// it is written, before the cache shows it.
import type { ControllerContext } from '../context.ts';
import { nodes } from '../../../api/kinds/core/index.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { planPodCidr } from './plan.ts';

/** Runs until the context's signal aborts; does nothing without a pod range. */
export async function runNodeIpamController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const { podCidr, nodeCidrMaskSize = 24 } = context.settings;
  if (podCidr === undefined) return;
  const nodeInformer = informers.of(nodes);
  const recorder = context.recorder('cidrAllocator');
  const given = new Map<string, string>(); // by uid, for nodes whose range the cache does not show yet

  await runController({
    name: 'node-ipam',
    sources: [watchFor(nodeInformer)],
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const node = nodeInformer.get(name);
      if (node === undefined) return;
      if (node.spec?.podCIDR) return void given.delete(node.metadata.uid);
      const taken = nodeInformer.list().flatMap(({ spec }) => spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []));
      const free =
        given.get(node.metadata.uid) ?? planPodCidr(podCidr, nodeCidrMaskSize, [...taken, ...given.values()]);
      if (free === undefined) {
        recorder.record(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        return { requeueAfterMs: 30_000 };
      }
      given.set(node.metadata.uid, free);
      const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: free, podCIDRs: [free] } };
      try {
        await client.resource(nodes).patch(name, { type: 'strategic', body }, { signal });
      } catch (error) {
        if (nodeInformer.get(name) === undefined) given.delete(node.metadata.uid);
        throw error;
      }
    },
  });
}
