// Sizes workloads by their metrics, every 15 seconds. What cannot be told changes nothing; when some metrics can and
// others cannot, only growing is allowed.
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
} from '../../../api/kinds/autoscaling/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Memory } from './behavior.ts';
import type { Evaluation, Scaled } from './evaluate.ts';
import { horizontalPodAutoscalers } from '../../../api/kinds/autoscaling/index.ts';
import { catalogue } from '../../../api/kinds/catalogue.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { matchesSelector, parseLabelSelector } from '../../../api/meta/selectors.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { requestJson } from '../../../machinery/request.ts';
import { resourcePath } from '../../../machinery/resource-client.ts';
import { withCondition } from '../conditions.ts';
import { isSame } from '../same.ts';
import { createMemory, limitReplicas } from './behavior.ts';
import { evaluateMetric } from './evaluate.ts';
import { createMetricsReader } from './metrics.ts';

interface Scale {
  metadata: { name: string; namespace?: string; resourceVersion: string };
  spec: { replicas?: number };
  status?: { replicas?: number; selector?: string };
}

/** Runs until the context's signal aborts. */
export function runHorizontalPodAutoscalerController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const periodMs = context.settings.autoscalerSyncMs ?? 15_000;
  const informer = informers.of(horizontalPodAutoscalers);
  const podInformer = informers.of(pods);
  const reader = createMetricsReader(client, signal);
  const recorder = context.recorder('horizontal-pod-autoscaler');
  const memories = new Map<string, Memory>();

  const scalePath = ({ spec, metadata }: Readonly<HorizontalPodAutoscaler>): string => {
    const { apiVersion = 'v1', kind, name } = spec.scaleTargetRef;
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    const known = catalogue.find((one) => one.kind === kind && one.group === group);
    const target = known ?? { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: true };
    return resourcePath(
      { ...target, version } as Parameters<typeof resourcePath>[0],
      metadata.namespace,
      name,
      'scale',
    );
  };
  const json = { accept: 'application/json', 'content-type': 'application/json' };

  const reconcile = async (key: string): Promise<{ requeueAfterMs: number } | void> => {
    const autoscaler = informer.get(key);
    if (autoscaler === undefined) return void memories.delete(key);
    if (autoscaler.metadata.deletionTimestamp !== undefined) return;
    const memory = memories.get(key) ?? createMemory();
    memories.set(key, memory);
    let conditions: HorizontalPodAutoscalerCondition[] = [...(autoscaler.status?.conditions ?? [])];
    const set = (type: string, status: 'True' | 'False', reason: string, message: string): void => {
      conditions = withCondition(conditions, {
        type,
        status,
        reason,
        message,
        lastTransitionTime: formatTime(clock.now()),
      });
    };
    const finish = async (change: Partial<HorizontalPodAutoscalerStatus>): Promise<{ requeueAfterMs: number }> => {
      const status = { desiredReplicas: 0, ...autoscaler.status, ...change, conditions };
      if (!isSame(status, autoscaler.status)) {
        await client
          .resource(horizontalPodAutoscalers, autoscaler.metadata.namespace)
          .updateStatus({ ...autoscaler, status }, { signal });
      }
      return { requeueAfterMs: periodMs };
    };

    const path = scalePath(autoscaler);
    let scale: Scale;
    try {
      scale = await requestJson<Scale>(client.request, { method: 'GET', path, headers: json, signal });
    } catch (error) {
      const message = `the HPA controller was unable to get the target's current scale: ${(error as Error).message}`;
      set('AbleToScale', 'False', 'FailedGetScale', message);
      recorder.record(autoscaler, 'Warning', 'FailedGetScale', (error as Error).message);
      return finish({});
    }
    set('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
    const current = scale.spec.replicas ?? 0;
    if (current === 0 && autoscaler.spec.minReplicas !== 0) {
      set(
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      );
      return finish({ currentReplicas: 0, desiredReplicas: 0 });
    }

    const selector = scale.status?.selector ?? '';
    const parsed = parseLabelSelector(selector);
    const selected = podInformer
      .list(autoscaler.metadata.namespace)
      .filter(({ metadata }) => selector !== '' && matchesSelector(parsed, metadata.labels ?? {}));
    const scaled: Scaled = {
      pods: selected,
      selector,
      specReplicas: current,
      statusReplicas: scale.status?.replicas ?? current,
    };
    const { answers, failure } = await evaluateAll(autoscaler, scaled);
    const best = answers.reduce<Evaluation | undefined>(
      (most, one) => (most === undefined || one.replicas > most.replicas ? one : most),
      undefined,
    );
    if (best === undefined || (failure !== undefined && best.replicas < current)) {
      const message = `the HPA was unable to compute the replica count: ${failure?.message ?? 'it has no metrics'}`;
      set('ScalingActive', 'False', failure?.reason ?? 'InvalidMetricSourceType', message);
      recorder.record(autoscaler, 'Warning', failure?.reason ?? 'InvalidMetricSourceType', failure?.message ?? message);
      return finish({ currentReplicas: current, currentMetrics: answers.map(({ status }) => status) });
    }
    set(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${best.name}`,
    );

    const limited = limitReplicas(autoscaler, memory, current, best.replicas, clock.now());
    set(
      'AbleToScale',
      'True',
      limited.reason?.endsWith('Stabilized') ? limited.reason : 'ReadyForNewScale',
      limited.reason?.endsWith('Stabilized') ? limited.message : 'recommended size matches current size',
    );
    const isLimited = limited.reason !== undefined && !limited.reason.endsWith('Stabilized');
    set(
      'ScalingLimited',
      isLimited ? 'True' : 'False',
      isLimited ? (limited.reason ?? '') : 'DesiredWithinRange',
      isLimited ? limited.message : 'the desired count is within the acceptable range',
    );
    const figures = {
      currentReplicas: current,
      desiredReplicas: limited.replicas,
      currentMetrics: answers.map(({ status }) => status),
      observedGeneration: autoscaler.metadata.generation,
    };
    if (limited.replicas === current) return finish(figures);

    const body = JSON.stringify({ ...scale, spec: { ...scale.spec, replicas: limited.replicas } });
    await requestJson(client.request, { method: 'PUT', path, headers: json, body, signal });
    memory.changes.push({ by: limited.replicas - current, atMs: clock.now() });
    const cause = limited.replicas > current ? `${best.name} above target` : 'All metrics below target';
    recorder.record(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${limited.replicas}; reason: ${cause}`);
    set(
      'AbleToScale',
      'True',
      'SucceededRescale',
      `the HPA controller was able to update the target scale to ${limited.replicas}`,
    );
    return finish({ ...figures, lastScaleTime: formatTime(clock.now()) });
  };

  const evaluateAll = async (
    autoscaler: Readonly<HorizontalPodAutoscaler>,
    scaled: Scaled,
  ): Promise<{ answers: Evaluation[]; failure?: { reason: string; message: string } }> => {
    const answers: Evaluation[] = [];
    let failure: { reason: string; message: string } | undefined;
    for (const metric of autoscaler.spec.metrics ?? []) {
      try {
        answers.push(await evaluateMetric(autoscaler, metric, scaled, reader, clock.now()));
      } catch (error) {
        const what = metric.type === 'Resource' ? `${metric.resource?.name} resource` : metric.type;
        failure ??= {
          reason: `FailedGet${metric.type}Metric`,
          message: `failed to get ${what} metric value: ${(error as Error).message}`,
        };
      }
    }
    return { answers, failure };
  };

  return runController({
    name: 'horizontal-pod-autoscaler',
    sources: [
      watchFor(informer, (one, { current, previous }) => {
        const isNews =
          current?.metadata.generation !== previous?.metadata.generation ||
          current === undefined ||
          previous === undefined;
        return isNews ? [`${one.metadata.namespace}/${one.metadata.name}`] : [];
      }),
      { whenSynced: (until) => podInformer.whenSynced(until), start: () => () => undefined },
    ],
    workers: 5,
    clock,
    logger,
    signal,
    reconcile,
  });
}
