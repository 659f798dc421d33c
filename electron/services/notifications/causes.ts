// What needs a person, found in what the console knows of a cluster and of its own runs. Pure.
// A thing that both the console and the cluster's masters see is one thing: it has one id.
import type { AlertKind, LocalText, NodeRow, NotificationView, RunSummary } from '../../../api/console/index.ts';
import type { ClusterHealth } from '../clusters/health.ts';
import { alertText } from '../day-two/alert-text.ts';

/** A thing that holds now. */
export type Cause = Pick<NotificationView, 'id' | 'kind' | 'tone' | 'cluster' | 'message' | 'path'>;

/** An alert as the masters keep it while it holds. */
export interface KeptAlert {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface ClusterFacts {
  readonly id: string;
  readonly name: string;
  readonly health: ClusterHealth;
  readonly nodes: Iterable<NodeRow>;
  readonly alerts: readonly KeptAlert[];
  /** Names of requests for certificates that nobody has decided for a while. */
  readonly signingRequests: readonly string[];
}

const warnings: ReadonlySet<AlertKind> = new Set(['disk-filling', 'certificate-ending', 'backup-not-proved']);

function pathOf(cluster: string, kind: AlertKind, subject: string): string {
  const base = `/clusters/${cluster}`;
  if (kind === 'machine-lost' || kind === 'disk-filling') return `${base}/nodes/${encodeURIComponent(subject)}`;
  if (kind === 'certificate-ending') return `${base}/upkeep?tab=certificates`;
  return kind === 'backup-not-proved' ? `${base}/upkeep` : `${base}/upkeep?tab=quorum`;
}

function alertCause({ id, name }: ClusterFacts, { kind, subject, values }: KeptAlert): Cause {
  return {
    // Only one of a kind can hold of the quorum and of backups, whoever saw it.
    id: `${id} ${kind}${kind.startsWith('quorum') || kind === 'backup-not-proved' ? '' : ` ${subject}`}`,
    kind,
    tone: warnings.has(kind) ? 'warn' : 'bad',
    cluster: name,
    message: alertText(kind, values),
    path: pathOf(id, kind, subject),
  };
}

function quorumAlerts({ health: { etcdMembers } }: ClusterFacts): KeptAlert[] {
  const lost = etcdMembers.filter(({ healthy }) => !healthy).map(({ name }) => name);
  if (lost.length === 0) return [];
  const [members, working] = [etcdMembers.length, etcdMembers.length - lost.length];
  const kind = working > members / 2 ? 'quorum-at-risk' : 'quorum-lost';
  return [{ kind, subject: lost.join(', '), values: { working, members, lost: lost.join(', ') } }];
}

function lostMachines({ nodes }: ClusterFacts): KeptAlert[] {
  return [...nodes].flatMap(({ name, state, message }): KeptAlert[] =>
    state === 'ready'
      ? []
      : [{ kind: 'machine-lost', subject: name, values: { machine: name, reason: message ?? '—' } }],
  );
}

/** What holds of a cluster now; undefined while it cannot be told apart from what held before. */
export function clusterCauses(facts: ClusterFacts): readonly Cause[] | undefined {
  const { id, name, health } = facts;
  const ill = (kind: Cause['kind'], message: LocalText): Cause[] => [
    { id: `${id} ${kind}`, kind, tone: 'bad', cluster: name, message, path: `/clusters/${id}/overview` },
  ];
  if (health.reachable === undefined) return undefined;
  if (!health.reachable) {
    // A cluster that never answered here was not lost meanwhile; its list and pages say that it does not answer.
    if (health.version === undefined) return undefined;
    return ill('cluster-unreachable', { en: 'The cluster does not answer', 'zh-CN': '集群没有应答' });
  }
  if (health.error?.reason === 'Unauthorized') {
    return ill('credentials-refused', {
      en: 'The cluster does not accept the credentials of this console any more',
      'zh-CN': '集群不再接受此控制台的凭据',
    });
  }
  const seen = [...quorumAlerts(facts), ...lostMachines(facts)];
  const causes = new Map(
    [...facts.alerts, ...seen].map((alert) => [alertCause(facts, alert).id, alertCause(facts, alert)]),
  );
  for (const request of facts.signingRequests) {
    causes.set(`${id} signing-request ${request}`, {
      id: `${id} signing-request ${request}`,
      kind: 'signing-request',
      tone: 'warn',
      cluster: name,
      message: {
        en: `The request ${request} for a certificate waits for approval`,
        'zh-CN': `证书请求 ${request} 等待批准`,
      },
      path: `/clusters/${id}/objects/certificates.k8s.io/v1/CertificateSigningRequest/-/${encodeURIComponent(request)}`,
    });
  }
  return [...causes.values()];
}

/** Runs that ended without doing what they should; the same work begun again takes the cause away. */
export function runCauses(runs: readonly RunSummary[], nameOf: (cluster: string) => string): readonly Cause[] {
  const newest = new Map<string, RunSummary>();
  for (const run of runs) {
    const key = `${run.cluster} ${run.kind}`;
    if ((newest.get(key)?.startedAt ?? 0) <= run.startedAt) newest.set(key, run);
  }
  return [...newest.values()].flatMap((run): Cause[] => {
    const isPaused = run.kind === 'upgrade' && run.state === 'done' && run.message !== undefined;
    if (run.state !== 'failed' && !isPaused) return [];
    const failed = { en: 'A run failed; its page says where', 'zh-CN': '一次运行失败；其页面说明了原因' };
    return [
      {
        id: `run ${run.id}`,
        kind: isPaused ? 'upgrade-paused' : 'run-failed',
        tone: isPaused ? 'warn' : 'bad',
        cluster: nameOf(run.cluster),
        message: run.message ?? failed,
        path: `/build/runs/${run.id}`,
      },
    ];
  });
}
