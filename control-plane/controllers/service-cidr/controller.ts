// Keeps ServiceCIDRs from vanishing while Services have addresses of theirs, and says whether they are ready.
import type { ServiceCIDR } from '../../../api/kinds/networking/index.ts';
import type { ControllerContext } from '../context.ts';
import { ipAddresses, serviceCidrs } from '../../../api/kinds/networking/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { withoutCondition } from '../conditions.ts';
import { cidrFinalizer, planServiceCidr, rangesOf } from './plan.ts';
import { contains, overlaps, parseAddress } from './ranges.ts';

/** Runs until the context's signal aborts. */
export function runServiceCidrController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const cidrInformer = informers.of(serviceCidrs);
  const addressInformer = informers.of(ipAddresses);
  const api = client.resource(serviceCidrs);

  const holding = (name: string): string[] => {
    const address = parseAddress(name);
    if (address === undefined) return [];
    // Only a range that is leaving waits for its addresses.
    return cidrInformer
      .list()
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .filter((cidr) => rangesOf(cidr).some((range) => contains(range, address)))
      .map(keyOf);
  };
  const touching = (cidr: Readonly<ServiceCIDR>): string[] => {
    const own = rangesOf(cidr);
    return cidrInformer
      .list()
      .filter((other) => rangesOf(other).some((range) => own.some((one) => overlaps(one, range))))
      .map(keyOf);
  };
  const setFinalizers = async (cidr: Readonly<ServiceCIDR>, finalizers: string[]): Promise<void> => {
    await api.update({ ...cidr, metadata: { ...cidr.metadata, finalizers } }, { signal });
  };

  return runController({
    name: 'service-cidr',
    sources: [
      watchFor(cidrInformer, (cidr) => [keyOf(cidr), ...touching(cidr)]),
      watchFor(addressInformer, ({ metadata }) => holding(metadata.name)),
    ],
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const cidr = cidrInformer.get(name);
      if (cidr === undefined) return;
      const plan = planServiceCidr(cidr, cidrInformer.list(), addressInformer.list(), clock.now());
      const { finalizers = [] } = cidr.metadata;
      try {
        if (plan.do === 'protect') await setFinalizers(cidr, [...finalizers, cidrFinalizer]);
        else if (plan.do === 'release') {
          await setFinalizers(
            cidr,
            finalizers.filter((one) => one !== cidrFinalizer),
          );
        } else if (plan.do === 'report') {
          const conditions = [...withoutCondition(cidr.status?.conditions, 'Ready'), plan.condition];
          await api.updateStatus({ ...cidr, status: { ...cidr.status, conditions } }, { signal });
        }
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
      return { requeueAfterMs: plan.do === 'wait' ? plan.forMs : undefined };
    },
  });
}
