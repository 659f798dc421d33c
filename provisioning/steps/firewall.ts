// Opens what the cluster needs in a firewall that the site runs (ufw, firewalld), and closes exactly that again. Rules that
// were there are left alone, also on revert; a machine without an active firewall is not touched.
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import { quote } from '../transport/shell.ts';

interface Found {
  /** Rules that were not there before, as `ufw:…` or `firewalld:…`. */
  readonly missing: readonly string[];
}

/** Ports by what listens: agent, VXLAN between machines, node ports; API server and etcd's members on masters. */
function ports(role: MachineContext['machine']['role'], hasOwnEtcd: boolean): string[] {
  const all = ['10250/tcp', '4789/udp', '30000-32767/tcp', '30000-32767/udp'];
  return role === 'node' ? all : [...all, '6443/tcp', ...(hasOwnEtcd ? ['2379-2380/tcp'] : [])];
}

/** What should be allowed: ports, and everything from pods. */
export function wantedRules({ spec, machine, facts }: Pick<MachineContext, 'spec' | 'machine' | 'facts'>): string[] {
  const firewalls = facts.firewalls ?? [];
  return firewalls.flatMap((firewall) => [
    ...ports(machine.role, externalEtcdOf(spec) === undefined).map((port) => `${firewall}:port ${port}`),
    `${firewall}:from ${spec.podCidr}`,
  ]);
}

/** The commands that look for, add and remove one rule. */
export function commandsOf(rule: string): { readonly test: string; readonly add: string; readonly remove: string } {
  const [firewall = '', words = ''] = rule.split(/:(.*)/s);
  const [kind = '', value = ''] = words.split(' ');
  if (firewall === 'ufw') {
    const target = kind === 'from' ? `from ${quote(value)}` : quote(value.replace('-', ':'));
    const shown = kind === 'from' ? `from ${value}` : value.replace('-', ':');
    return {
      test: `ufw show added | grep -qxF ${quote(`ufw allow ${shown}`)}`,
      add: `ufw allow ${target} >/dev/null`,
      remove: `ufw delete allow ${target} >/dev/null 2>&1 || true`,
    };
  }
  const [flag, argument] = kind === 'from' ? ['source', value] : ['port', value];
  const zone = kind === 'from' ? '--zone=trusted ' : '';
  const both = (verb: string): string =>
    `firewall-cmd -q ${zone}--${verb}-${flag}=${quote(argument)} && firewall-cmd -q --permanent ${zone}--${verb}-${flag}=${quote(argument)}`;
  return {
    test: `firewall-cmd -q --permanent ${zone}--query-${flag}=${quote(argument)}`,
    add: both('add'),
    remove: `{ ${both('remove')}; } || true`,
  };
}

async function missingRules(context: MachineContext): Promise<string[]> {
  const rules = wantedRules(context);
  if (rules.length === 0) return [];
  const tests = rules.map((rule) => `${commandsOf(rule).test} || echo ${quote(rule)}`);
  return (await context.transport.run(`${tests.join('\n')}\ntrue`)).split('\n').filter(Boolean);
}

export const firewallStep = machineStep<Found>({
  kind: 'firewall',
  check: async (context) => (await missingRules(context)).length === 0,
  record: async (context) => ({ missing: await missingRules(context) }),
  async apply(context) {
    const add = (await missingRules(context)).map((rule) => commandsOf(rule).add);
    await context.transport.run(`set -e\n${add.join('\n')}\ntrue`, { onOutput: context.log });
  },
  async revert(context, { missing }) {
    const remove = missing.map((rule) => commandsOf(rule).remove);
    await context.transport.run(`${remove.join('\n')}\ntrue`);
  },
});
