// Sizes workloads by their metrics, every 15 seconds. What cannot be told changes nothing; when some metrics can and
// others cannot, only growing is allowed.
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
} from '../../../api/kinds/autoscaling/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Scale } from '../scales.ts';
import type { Memory } from './behavior.ts';
import type { Evaluation, Scaled } from './evaluate.ts';
import { horizontalPodAutoscalers } from '../../../api/kinds/autoscaling/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { matchesSelector, parseLabelSelector } from '../../../api/meta/selectors.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { withCondition } from '../conditions.ts';
import { isSame } from '../same.ts';
import { createScales } from '../scales.ts';
import { createMemory, limitReplicas } from './behavior.ts';
import { evaluateMetric } from './evaluate.ts';
import { createMetricsReader } from './metrics.ts';

/** Runs until the context's signal aborts. */
export function runHorizontalPodAutoscalerController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const periodMs = context.settings.autoscalerSyncMs ?? 15_000;
  const informer = informers.of(horizontalPodAutoscalers);
  const podInformer = informers.of(pods);
  const reader = createMetricsReader(client, signal);
  const recorder = context.recorder('horizontal-pod-autoscaler');
  const memories = new Map<string, Memory>();

  const scales = createScales(client, signal);
  /** Everything that an autoscaler sizes pods by: their selector as text. */
  const selectors = new Map<string, string>();

  const reconcile = async (key: string): Promise<{ requeueAfterMs: number } | void> => {
    const autoscaler = informer.get(key);
    if (autoscaler === undefined) {
      selectors.delete(key);
      return void memories.delete(key);
    }
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

    const namespace = autoscaler.metadata.namespace ?? '';
    const { apiVersion = 'v1', kind, name } = autoscaler.spec.scaleTargetRef;
    const target = { apiVersion, kind, name };
    let scale: Scale;
    try {
      scale = await scales.get(namespace, target);
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

    /** Writes the new size, and says why. */
    const rescale = async (
      replicas: number,
      cause: string,
      figures: Partial<HorizontalPodAutoscalerStatus>,
    ): Promise<{ requeueAfterMs: number }> => {
      await scales.resize(namespace, target, scale, replicas);
      memory.changes.push({ by: replicas - current, atMs: clock.now() });
      recorder.record(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${cause}`);
      const message = `the HPA controller was able to update the target scale to ${replicas}`;
      set('AbleToScale', 'True', 'SucceededRescale', message);
      return finish({ ...figures, lastScaleTime: formatTime(clock.now()) });
    };
    const { minReplicas = 1, maxReplicas } = autoscaler.spec;
    const within = Math.min(Math.max(current, minReplicas), maxReplicas);
    if (current > 0 && within !== current) {
      // A bound that is broken is mended at once, whatever the metrics say.
      const cause = `Current number of replicas ${current > within ? 'above Spec.MaxReplicas' : 'below Spec.MinReplicas'}`;
      const observedGeneration = autoscaler.metadata.generation;
      return rescale(within, cause, { currentReplicas: current, desiredReplicas: within, observedGeneration });
    }

    const selector = scale.status?.selector ?? '';
    selectors.set(key, selector);
    const rivals = rivalsOf(key, selector);
    if (rivals.length > 0) {
      const message = `pods by selector ${selector} are controlled by multiple HPAs: [${[key, ...rivals].sort().join(' ')}]`;
      set('ScalingActive', 'False', 'AmbiguousSelector', message);
      recorder.record(autoscaler, 'Warning', 'AmbiguousSelector', message);
      return finish({ currentReplicas: current });
    }
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

    const cause = limited.replicas > current ? `${best.name} above target` : 'All metrics below target';
    return rescale(limited.replicas, cause, figures);
  };

  /** Other autoscalers that size some of the same pods: then none of them may. */
  const rivalsOf = (key: string, selector: string): string[] => {
    const [namespace = ''] = key.split('/');
    const labelSets = (text: string): Set<string> => {
      const parsed = parseLabelSelector(text);
      const chosen = podInformer
        .list(namespace)
        .filter(({ metadata }) => matchesSelector(parsed, metadata.labels ?? {}));
      return new Set(chosen.map(({ metadata }) => metadata.uid));
    };
    if (selector === '') return [];
    const others = [...selectors].filter(
      ([other, text]) => other !== key && text !== '' && other.startsWith(`${namespace}/`),
    );
    if (others.length === 0) return [];
    const mine = labelSets(selector);
    return others.filter(([, text]) => [...labelSets(text)].some((uid) => mine.has(uid))).map(([other]) => other);
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
