// Which ranges Services get their addresses from now: every ServiceCIDR that is ready and not leaving; the configured one
// until its object has been made. IPv6 ranges are left out: Services here have one family.
import { serviceCidrs, type ServiceCIDR } from '../../../api/kinds/networking/index.ts';
import type { Reader } from '../registry/reader.ts';
import { parseIpv4Range, type Ipv4Range } from './ipv4-range.ts';

/** The object of the configured range. */
const defaultName = 'kubernetes';

/** Reads the ranges, no older than when it is called; the default one first, the others by name. */
export function createServiceRanges(reader: Reader, configured: Ipv4Range): () => Promise<readonly Ipv4Range[]> {
  return async () => {
    const all = await reader.list<ServiceCIDR>(serviceCidrs, '', 'latest');
    const isDefault = ({ metadata }: Readonly<ServiceCIDR>): boolean => metadata.name === defaultName;
    const texts = [...all.filter(isDefault), ...all.filter((cidr) => !isDefault(cidr))]
      .filter(isReady)
      .flatMap(({ spec }) => spec?.cidrs ?? []);
    const ranges = texts.flatMap((text) => rangeOf(text) ?? []);
    return all.some(isDefault) ? ranges : [configured, ...ranges];
  };
}

function isReady({ metadata, status }: Readonly<ServiceCIDR>): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    (status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
  );
}

function rangeOf(text: string): Ipv4Range | undefined {
  try {
    return parseIpv4Range(text);
  } catch {
    return undefined; // IPv6, or too small to hold an address
  }
}
