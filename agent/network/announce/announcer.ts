// Answers for load balancer addresses on the segment: each is held by exactly one ready node at a time, the same by every
// node's reckoning. What the addresses lead to is the service proxy's business.
import { runBatchLoop } from '../batch-loop.ts';
import type { AnnouncerOptions } from '../contract.ts';
import { indexSlices } from '../service-slices.ts';
import { findInterface, hold, listHeld, release } from './held-addresses.ts';
import { planAnnouncements } from './plan-announcements.ts';

/** Runs until the signal aborts; then gives its addresses back only if told so by the objects, never by just ending. */
export async function runAnnouncer(options: AnnouncerOptions): Promise<void> {
  const { informers, nodeName, nodeIp, logger, clock, signal } = options;
  const { services, endpointSlices, nodes } = informers;
  const slicesOf = indexSlices(endpointSlices);
  const synced = Promise.all([services, endpointSlices, nodes].map((each) => each.whenSynced(signal)));
  if (
    !(await synced.then(
      () => true,
      () => false,
    ))
  )
    return;
  let known = '';

  const sync = async (isForced: boolean): Promise<void> => {
    const wanted = planAnnouncements(
      services.list(),
      ({ metadata }) => slicesOf(`${metadata.namespace}/${metadata.name}`),
      nodes.list(),
      nodeName,
    );
    const facts = [...wanted].sort().join(' ');
    if (facts === known && (!isForced || facts === '')) return;
    const held = await listHeld();
    const gone = held.filter(({ address }) => !wanted.has(address));
    const come = [...wanted]
      .filter((address) => !held.some((each) => each.address === address))
      .flatMap((address) => {
        const dev = findInterface(address, nodeIp);
        return dev === undefined ? [] : [{ address, dev }];
      });
    if (gone.length > 0) await release(gone);
    if (come.length > 0) await hold(come);
    if (gone.length + come.length > 0) logger.info({ come, gone }, 'load balancer addresses moved');
    known = facts;
  };
  await runBatchLoop({
    name: 'load balancer addresses',
    subscribe(add) {
      known = 'not looked yet';
      const stops = [services, endpointSlices, nodes].map((each) => each.onDidChange(() => add('addresses')));
      add('addresses');
      return () => stops.forEach((stop) => stop());
    },
    sync: () => sync(false),
    repair: () => sync(true),
    repairEveryMs: 10_000,
    restMs: 250,
    logger,
    clock,
    signal,
  });
}
