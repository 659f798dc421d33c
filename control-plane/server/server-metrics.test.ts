// /metrics under upstream's names: what dashboards and alerts written for any Kubernetes ask for.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configMaps } from '../../api/kinds/core/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

const scrape = async (): Promise<string> => (await running.raw('GET', '/metrics')).text;

it('is text that Prometheus reads: every sample under its one head, no series twice', async () => {
  await running.raw('GET', '/api/v1/namespaces/default/configmaps');
  const seen = new Set<string>();
  const heads = new Set<string>();
  let current = '';
  for (const line of (await scrape()).trimEnd().split('\n')) {
    const head = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)?.[1];
    if (head !== undefined) {
      expect(heads.has(head), `${head} has two heads`).toBe(false);
      heads.add((current = head));
    } else if (!line.startsWith('# HELP ')) {
      const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})? (?:-?[\d.]+(?:e[+-]?\d+)?|\+Inf)$/.exec(line);
      expect(sample, line).not.toBeNull();
      expect(sample?.[1]?.replace(/_(bucket|sum|count)$/, ''), line).toBe(current.replace(/_count$/, ''));
      const series = line.slice(0, line.lastIndexOf(' '));
      expect(seen.has(series), `${series} is there twice`).toBe(false);
      seen.add(series);
    }
  }
  expect(heads.size).toBeGreaterThan(30);
});

it('counts requests, how long they took and how large their answers were', async () => {
  for (const namespace of ['kube-system', 'kube-public'])
    await running.raw('GET', `/api/v1/namespaces/${namespace}/configmaps`);
  const labels = (verb: string, scope: string, dryRun = ''): string =>
    `component="apiserver",dry_run="${dryRun}",group="",resource="configmaps",scope="${scope}",subresource="",verb="${verb}",version="v1"`;
  const body = { metadata: { name: 'tried' } };
  await running.raw('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', { body });
  const text = await scrape();
  expect(text).toContain(`apiserver_request_total{code="200",${labels('LIST', 'namespace')}} 3\n`);
  expect(text).toContain(`apiserver_request_total{code="201",${labels('POST', 'namespace', 'All')}} 1\n`);
  expect(text).toContain(`apiserver_request_duration_seconds_count{${labels('LIST', 'namespace')}} 3\n`);
  expect(text).toContain(`apiserver_response_sizes_bucket{${labels('LIST', 'namespace')},le="+Inf"} 3\n`);
  expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1\n');
  expect(text).toContain('apiserver_current_inflight_requests{request_kind="mutating"} 0\n');
});

it('counts watches while they are open, and what they are told', async () => {
  const abort = new AbortController();
  const open = 'apiserver_longrunning_requests{component="apiserver",dry_run="",group="",resource="configmaps",';
  const maps = running.client.resource(configMaps, 'default');
  const { metadata } = await maps.list();
  const watch = maps.watch({ resourceVersion: metadata?.resourceVersion, signal: abort.signal });
  const first = watch[Symbol.asyncIterator]().next();
  await expect.poll(scrape).toMatch(new RegExp(`${open.replace('{', '\\{')}.*verb="WATCH".*\\} 1\\n`));
  await maps.create({ metadata: { name: 'watched' } });
  await first;
  expect(await scrape()).toContain('apiserver_watch_events_total{group="",resource="configmaps",version="v1"} 1\n');
  abort.abort();
  await expect.poll(scrape).toMatch(new RegExp(`${open.replace('{', '\\{')}.*verb="WATCH".*\\} 0\\n`));
});

it('counts who was believed and allowed, admission, health and what is stored', async () => {
  await running.raw('GET', '/api/v1/nodes', { headers: { authorization: 'Bearer wrong' }, withoutCertificate: true });
  await running.raw('GET', '/readyz');
  const text = await scrape();
  for (const line of [
    /^authentication_attempts\{result="failure"\} \d+$/m,
    /^authentication_attempts\{result="success"\} \d+$/m,
    /^authorization_attempts_total\{result="allowed"\} \d+$/m,
    /^apiserver_admission_step_admission_duration_seconds_count\{operation="CREATE",rejected="false",type="admit"\} \d+$/m,
    /^apiserver_admission_controller_admission_duration_seconds_count\{name="NamespaceLifecycle",operation="CREATE",rejected="false",type="\w+"\} \d+$/m,
    /^kubernetes_healthcheck\{name="etcd",type="readyz"\} 1$/m,
    /^kubernetes_healthchecks_total\{name="ping",type="readyz",status="success"\} \d+$/m,
    /^apiserver_resource_objects\{group="",resource="namespaces"\} [4-9]$/m,
    /^apiserver_storage_objects\{resource="clusterroles.rbac.authorization.k8s.io"\} [1-9]\d+$/m,
    /^etcd_requests_total\{group="",operation="create",resource="namespaces"\} [4-9]$/m,
    /^etcd_request_duration_seconds_count\{group="rbac.authorization.k8s.io",operation="create",resource="clusterroles"\} \d+$/m,
    /^process_open_fds [1-9]\d*$/m,
    /^kubernetes_build_info\{git_version="v1\.36\.3/m,
  ])
    expect(text).toMatch(line);
});
