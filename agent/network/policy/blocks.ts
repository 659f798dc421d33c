// An ipBlock with its exceptions as the address ranges that remain: sorted, disjoint, as nftables wants them. Pure.
import { formatIpv4, parseCidr } from '../cidr.ts';

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(cidr: string): Range {
  const { base, size } = parseCidr(cidr);
  return { first: base, last: base + size - 1 };
}

function without(ranges: readonly Range[], hole: Range): Range[] {
  return ranges.flatMap(({ first, last }) => {
    if (hole.last < first || hole.first > last) return [{ first, last }];
    return [
      ...(hole.first > first ? [{ first, last: hole.first - 1 }] : []),
      ...(hole.last < last ? [{ first: hole.last + 1, last }] : []),
    ];
  });
}

function merged(ranges: readonly Range[]): Range[] {
  const result: { first: number; last: number }[] = [];
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
    else result.push({ first, last });
  }
  return result;
}

/** The elements of an interval set for these blocks; IPv6 blocks concern no pod of ours and yield nothing. */
export function blockElements(blocks: readonly { cidr: string; except?: readonly string[] }[]): string[] {
  const ranges = blocks
    .filter(({ cidr }) => !cidr.includes(':'))
    .flatMap(({ cidr, except = [] }) =>
      except
        .filter((hole) => !hole.includes(':'))
        .reduce((left, hole) => without(left, rangeOf(hole)), [rangeOf(cidr)]),
    );
  return merged(ranges).map(({ first, last }) =>
    first === last ? formatIpv4(first) : `${formatIpv4(first)}-${formatIpv4(last)}`,
  );
}
