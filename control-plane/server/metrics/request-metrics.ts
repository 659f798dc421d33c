// Requests: how many, how long, how large, how many at once; who was let in and who was not; watches and their events.
import { createCounter, createGauge, createHistogram, quoted, type Series } from './series.ts';

/** Upper bounds of durations, in seconds, and of answers, in bytes: upstream's. */
const durationBounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60];
const sizeBounds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** The labels that request metrics carry. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** How much of the cluster the request is about. */
  readonly scope: '' | 'cluster' | 'namespace' | 'resource';
  readonly dryRun: boolean;
}

/** What of a resource a watch is told. */
export type WatchLabels = Pick<RequestLabels, 'group' | 'version' | 'resource'>;

/** Counters of requests. */
export interface RequestMetrics extends Series {
  /** A request that is over; one that lasted as long as its client wanted has no duration. */
  count(labels: RequestLabels, code: number, seconds: number, sentBytes: number | undefined, isLong: boolean): void;
  /** +1 when a request begins, -1 when it ends. */
  inFlight(kind: 'readOnly' | 'mutating', change: 1 | -1): void;
  longRunning(labels: RequestLabels, change: 1 | -1): void;
  /** Whether somebody's credentials were believed; `seconds` were spent on it. */
  authenticated(result: 'success' | 'failure', seconds: number): void;
  authorized(result: 'allowed' | 'denied' | 'error'): void;
  watchEvents(labels: WatchLabels, count: number): void;
  /** A watcher that was cut because it did not keep up. */
  watcherCut(labels: WatchLabels): void;
}

/** What was looked for once for requests of the same labels. */
interface Known {
  readonly text: string;
  readonly codes: Map<number, () => void>;
  duration?: (seconds: number) => void;
  size?: (bytes: number) => void;
}

/** Labels of outcomes. */
const results = {
  success: 'result="success"',
  failure: 'result="failure"',
  allowed: 'result="allowed"',
  denied: 'result="denied"',
  error: 'result="error"',
} as const;

/** Fresh counters. */
export function createRequestMetrics(): RequestMetrics {
  const total = createCounter('apiserver_request_total', 'Requests answered.');
  const durations = createHistogram(
    'apiserver_request_duration_seconds',
    'Time to answer, without watches and connections.',
    durationBounds,
  );
  const sizes = createHistogram('apiserver_response_sizes', 'Bytes of answers, before compression.', sizeBounds);
  const current = { readOnly: 0, mutating: 0 };
  const inFlight = createGauge('apiserver_current_inflight_requests', 'Requests being answered.');
  const long = createGauge('apiserver_longrunning_requests', 'Watches and connections that are open.');
  const attempts = createCounter('authentication_attempts', 'Credentials that were checked.');
  const authentication = createHistogram(
    'authentication_duration_seconds',
    'Time to check credentials.',
    [0.001, 0.004, 0.016, 0.064, 0.256, 1, 4, 16],
  );
  const authorization = createCounter('authorization_attempts_total', 'Requests that were authorized, or not.');
  const events = createCounter('apiserver_watch_events_total', 'Events sent to watchers.');
  const cut = createCounter('apiserver_terminated_watchers_total', 'Watchers cut because they did not keep up.');
  const known = new Map<string, Known>();

  const authenticatedIn = {
    success: authentication.series('result="success"'),
    failure: authentication.series('result="failure"'),
  };

  const seriesOf = ({ verb, group, version, resource, subresource, scope, dryRun }: RequestLabels): Known => {
    const key = `${verb} ${group} ${version} ${resource} ${subresource} ${scope} ${dryRun}`;
    let series = known.get(key);
    if (series === undefined) {
      const dry = dryRun ? 'All' : '';
      const text = `component="apiserver",dry_run="${dry}",group="${group}",resource="${resource}",scope="${scope}",subresource="${subresource}",verb="${verb}",version="${version}"`;
      known.set(key, (series = { text, codes: new Map() }));
    }
    return series;
  };
  const resourceText = ({ group, version, resource }: WatchLabels): string =>
    `group=${quoted(group)},resource=${quoted(resource)},version=${quoted(version)}`;

  return {
    count(labels, code, seconds, sentBytes, isLong) {
      const series = seriesOf(labels);
      let counted = series.codes.get(code);
      if (counted === undefined) series.codes.set(code, (counted = total.series(`code="${code}",${series.text}`)));
      counted();
      if (isLong) return;
      (series.duration ??= durations.series(series.text))(seconds);
      if (sentBytes !== undefined) (series.size ??= sizes.series(series.text))(sentBytes);
    },
    inFlight(kind, change) {
      current[kind] += change;
    },
    longRunning: (labels, change) => long.add(seriesOf(labels).text, change),
    authenticated(result, seconds) {
      attempts.add(results[result]);
      authenticatedIn[result](seconds);
    },
    authorized: (result) => authorization.add(results[result]),
    watchEvents: (labels, count) => events.add(resourceText(labels), count),
    watcherCut: (labels) => cut.add(resourceText(labels)),
    format() {
      for (const kind of ['mutating', 'readOnly'] as const) inFlight.set(`request_kind="${kind}"`, current[kind]);
      return [
        total.format(),
        durations.format(),
        sizes.format(),
        inFlight.format(),
        ...[long, attempts, authentication, authorization, events, cut].map((one) => one.format()),
      ].join('');
    },
  };
}
