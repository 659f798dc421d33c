// What can only be seen by looking at all machines together: identities that must differ, ranges that must be free. Pure.
import type { ClusterSpec, MachineFacts, PreflightCheck } from '../contract.ts';
import { cidrContains, parseCidr } from '../plan/cidr.ts';
import { check, type CheckId } from './check.ts';

/** Checks by machine. */
export function clusterChecks(spec: ClusterSpec, facts: readonly MachineFacts[]): Map<string, PreflightCheck[]> {
  return new Map(
    facts.map((own) => {
      const others = facts.filter((other) => other.machine !== own.machine);
      return [own.machine, [...identity(own, others), ...ranges(spec, own)]];
    }),
  );
}

function identity(own: MachineFacts, others: readonly MachineFacts[]): PreflightCheck[] {
  const differs = (id: CheckId, isSame: (other: MachineFacts) => boolean, value: string): PreflightCheck => {
    const twins = others.filter(isSame).map((other) => other.machine);
    return check(id, twins.length === 0, own.machine, twins.length > 0 ? twins.join(', ') : value, '≠');
  };
  return [
    differs('machineId', (other) => other.machineId === own.machineId, own.machineId.slice(0, 8)),
    differs('hostname', (other) => other.hostname === own.hostname, own.hostname),
    differs(
      'sameMachine',
      (other) =>
        other.machineId === own.machineId && other.addresses.some((address) => own.addresses.includes(address)),
      own.addresses.join(' '),
    ),
  ];
}

function ranges(spec: ClusterSpec, own: MachineFacts): PreflightCheck[] {
  const clash = [spec.podCidr, spec.serviceCidr].flatMap((cidr) => {
    const range = parseCidr(cidr);
    const address = range && own.addresses.find((candidate) => cidrContains(range, candidate));
    return address === undefined ? [] : [{ cidr, address }];
  })[0];
  const bar = clash?.cidr ?? `${spec.podCidr}, ${spec.serviceCidr}`;
  return [check('ranges', clash === undefined, own.machine, clash?.address ?? own.addresses.join(' '), bar)];
}
