// Table rows of pods, and of what carries templates of pods.
import { formatAge } from '../../meta/time.ts';
import { formatLabelSelector, type LabelSelectorLike } from '../../meta/selectors.ts';
import type { KubernetesObject } from '../../meta/object-meta.ts';
import type { PodSpec } from '../core/pod-spec.ts';
import type { Pod } from '../core/pod.ts';
import type { PodTemplate } from '../core/pod-template.ts';
import { podState } from './pod-state.ts';
import {
  age,
  formatLabels,
  name,
  orNone,
  printer,
  text,
  wide,
  type Cell,
  type Printer,
  type PrinterColumn,
} from './printer.ts';

const rest = printer<Pod>(
  wide(text('IP', (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP))),
  wide(text('Node', (pod) => orNone(pod.spec.nodeName))),
  wide(text('Nominated Node', (pod) => orNone(pod.status?.nominatedNodeName))),
  wide(text('Readiness Gates', readinessGates)),
);

const columnOf = (title: string): PrinterColumn => text(title, () => '').column;

/** Rows of pods; three of their cells come of one look at the containers. */
export const podPrinter: Printer<Pod> = {
  columns: [name.column, ...['Ready', 'Status', 'Restarts'].map(columnOf), age.column, ...rest.columns],
  row(pod, nowMs) {
    const { lastRestartMs, ready, reason, restarts, total } = podState(pod);
    const ago = restarts > 0 && lastRestartMs !== undefined ? ` (${formatAge(nowMs - lastRestartMs)} ago)` : '';
    const [first, last] = [name.fill(pod, nowMs), age.fill(pod, nowMs)];
    return [first, `${ready}/${total}`, reason, `${restarts}${ago}`, last, ...rest.row(pod, nowMs)];
  },
};

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) =>
    status?.conditions?.some(({ type, status: value }) => type === conditionType && value === 'True'),
  );
  return `${met.length}/${gates.length}`;
}

/** The wide columns of containers and their images. */
export function containerCells<T extends KubernetesObject>(specOf: (object: T) => PodSpec | undefined): Cell<T>[] {
  return [
    text('Containers', (object) => containerNames(specOf(object))),
    text('Images', (object) => containerImages(specOf(object))),
  ];
}

function containerNames(spec: PodSpec | undefined): string {
  return (spec?.containers ?? []).map((container) => container.name).join(',');
}

function containerImages(spec: PodSpec | undefined): string {
  return (spec?.containers ?? []).map(({ image }) => image ?? '').join(',');
}

/** The column of a workload's selector. */
export function selectorCell<T extends KubernetesObject>(
  selectorOf: (object: T) => LabelSelectorLike | undefined,
): Cell<T> {
  return text('Selector', (object) => orNone(formatLabelSelector(selectorOf(object) ?? {})));
}

/** Rows of pod templates. */
export const podTemplatePrinter: Printer<PodTemplate> = printer<PodTemplate>(
  name,
  ...containerCells<PodTemplate>(({ template }) => template?.spec),
  text('Pod Labels', ({ template }) => formatLabels(template?.metadata?.labels)),
);
