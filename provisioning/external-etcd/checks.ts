// The preflight of a master whose state lives in an etcd of somebody else's: every endpoint answers it over TLS, is new
// enough and well, all are one etcd, and its database is empty or already this cluster's. All problems at once.
import type { ClusterSpec, MachineSpec, PreflightCheck } from '../contract.ts';
import { leastEtcdVersion } from '../distro/distro.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { check } from '../preflight/check.ts';
import type { SshTransport } from '../transport/ssh.ts';
import { askEtcd, type EtcdAnswers, etcdThrough } from './ask.ts';
import { readEtcdCredentials } from './credentials.ts';
import { externalEtcdOf } from './settings.ts';

/** Asks the endpoints from `master`; nothing for machines that do not use them. */
export async function externalEtcdChecks(
  spec: ClusterSpec,
  master: MachineSpec,
  transport: Pick<SshTransport, 'dial'>,
  pkiDir: string,
): Promise<PreflightCheck[]> {
  const external = externalEtcdOf(spec);
  if (external === undefined || master.role === 'node') return [];
  try {
    const client = etcdThrough(transport, external, await readEtcdCredentials(external));
    try {
      return judgeEtcd(master.name, await askEtcd(client, pkiDir));
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    return [unreadable(error)];
  }
}

function unreadable({ text: message, remedy }: ProvisioningError): PreflightCheck {
  const title = text('check.etcdFiles');
  return { id: 'etcd-files', ok: false, severity: 'error', title, figure: '–', bar: 'PEM', message, remedy };
}

/** The judgement of what etcd said to `machine`. Pure. */
export function judgeEtcd(machine: string, { endpoints, contents, reason }: EtcdAnswers): PreflightCheck[] {
  const reached = endpoints.filter(({ isReached }) => isReached);
  const silent = endpoints.filter(({ isReached }) => !isReached);
  const old = reached.filter(({ version }) => !isAtLeast(version, leastEtcdVersion));
  const ill = reached.filter(({ isHealthy }) => !isHealthy);
  const clusters = new Set(reached.map(({ clusterId }) => clusterId));
  const list = (all: EtcdAnswers['endpoints'], say: (one: EtcdAnswers['endpoints'][number]) => string | undefined) =>
    all.map((one) => `${one.endpoint}: ${say(one) ?? '–'}`).join('; ');
  const whole = endpoints.map(({ endpoint }) => endpoint).join(', ');
  const checks = [
    check('etcdReached', silent.length === 0, machine, silent.length === 0 ? whole : list(silent, why), 'TLS'),
  ];
  if (reached.length === 0) return checks;
  const versions = [...new Set(reached.map(({ version }) => version))].join(', ');
  checks.push(
    check(
      'etcdVersion',
      old.length === 0,
      machine,
      old.length === 0 ? versions : list(old, ({ version }) => version),
      leastEtcdVersion,
    ),
    check('etcdHealth', ill.length === 0, machine, ill.length === 0 ? `${reached.length}` : list(ill, why), 'healthy'),
    check(
      'etcdOne',
      clusters.size === 1,
      machine,
      list(reached, ({ clusterId }) => clusterId?.slice(0, 8)),
      '1',
    ),
  );
  if (contents === undefined) {
    if (reason !== undefined) checks.push(check('etcdReadable', false, machine, reason, 'KV'));
    return checks;
  }
  const { keys, registryKeys, isOurs } = contents;
  const others = keys - registryKeys;
  checks.push(
    check('etcdOthers', others === 0, machine, `${others}`, '0'),
    check('etcdCluster', registryKeys === 0 || isOurs, machine, `${registryKeys}`, '0'),
  );
  return checks;
}

function why({ reason }: EtcdAnswers['endpoints'][number]): string | undefined {
  return reason;
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
