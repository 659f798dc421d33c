// What the server counts of itself, under upstream's metric names.
import { createAdmissionMetrics, type AdmissionMetrics } from './admission-metrics.ts';
import { formatProcess } from './process-metrics.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { createCounter, createGauge, quoted, type Counter, type Series } from './series.ts';
import { createStoreMetrics, type StoreMetrics } from './store-metrics.ts';

/** Counters of one server. */
export interface Metrics {
  readonly requests: RequestMetrics;
  readonly admission: AdmissionMetrics;
  readonly storing: StoreMetrics;
  /** The outcome of one check of one endpoint. */
  healthCheck(endpoint: string, name: string, passed: boolean): void;
  readonly tlsHandshakeErrors: Counter;
  /** Adds text that somebody else formats, when metrics are asked for. */
  section(format: () => string | Promise<string>): void;
  format(): Promise<string>;
}

/** Fresh counters. */
export function createMetrics(): Metrics {
  const requests = createRequestMetrics();
  const admission = createAdmissionMetrics();
  const storing = createStoreMetrics();
  const health = createGauge('kubernetes_healthcheck', 'Whether a health check passed when it was last asked.');
  const healthChecks = createCounter('kubernetes_healthchecks_total', 'Health checks made, by outcome.');
  const tlsHandshakeErrors = createCounter(
    'apiserver_tls_handshake_errors_total',
    'Connections that ended before their TLS handshake did.',
  );
  const series: Series[] = [requests, admission, storing, health, healthChecks, tlsHandshakeErrors];
  const sections: (() => string | Promise<string>)[] = [];
  return {
    requests,
    admission,
    storing,
    healthCheck(endpoint, name, passed) {
      const labels = `name=${quoted(name)},type=${quoted(endpoint)}`;
      health.set(labels, passed ? 1 : 0);
      healthChecks.add(`${labels},status="${passed ? 'success' : 'error'}"`);
    },
    tlsHandshakeErrors,
    section(format) {
      sections.push(format);
    },
    async format() {
      const texts = await Promise.all(sections.map((format) => format()));
      return [...series.map((one) => one.format()), ...texts, formatProcess()].join('');
    },
  };
}
