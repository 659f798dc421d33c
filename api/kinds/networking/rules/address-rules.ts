// Rules of address ranges of services and of the addresses given out of them.
import { cidrFamily, ipFamily } from '../../../meta/ip.ts';
import { invalidValue, required, tooMany, type FieldError } from '../../../schema/field-error.ts';
import { immutable } from '../../meta/object-meta-rules.ts';
import type { IPAddress } from '../ip-address.ts';
import type { ServiceCIDR } from '../service-cidr.ts';

/** Checks a range: one CIDR, or one of each family. */
export function validateServiceCidr({ spec }: ServiceCIDR): FieldError[] {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')];
  if (cidrs.length > 2) return [tooMany('spec.cidrs', cidrs.length, 2)];
  const errors = cidrs.flatMap((cidr, index) =>
    cidrFamily(cidr) === undefined
      ? [invalidValue(`spec.cidrs[${index}]`, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
      : [],
  );
  const [first = '', second] = cidrs;
  if (second !== undefined && cidrFamily(first) === cidrFamily(second)) {
    errors.push(
      invalidValue(
        'spec.cidrs',
        cidrs,
        'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ),
    );
  }
  return errors;
}

export function validateServiceCidrUpdate(next: ServiceCIDR, previous: ServiceCIDR): FieldError[] {
  return immutable('spec.cidrs', next.spec.cidrs, previous.spec.cidrs);
}

/** The name of an address object is the address. */
export function checkAddressName(name: string): string[] {
  return ipFamily(name) === undefined ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : [];
}

export function validateIpAddressUpdate(next: IPAddress, previous: IPAddress): FieldError[] {
  return immutable('spec.parentRef', next.spec.parentRef, previous.spec.parentRef);
}
