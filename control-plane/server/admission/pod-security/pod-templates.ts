// Where the kinds that make pods keep the pod that they make. Pure.
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import type { PodSpec } from '../../../../api/kinds/core/index.ts';
import type { PodLike } from './check.ts';

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec;
}
interface Loose {
  readonly spec?: {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
  };
  readonly template?: Template;
}

const bySpec = (object: Loose): Template | undefined => object.spec?.template;
const templates: Readonly<Record<string, (object: Loose) => Template | undefined>> = {
  '/pods': (object) => object as Template,
  '/podtemplates': (object) => object.template,
  '/replicationcontrollers': bySpec,
  'apps/replicasets': bySpec,
  'apps/deployments': bySpec,
  'apps/statefulsets': bySpec,
  'apps/daemonsets': bySpec,
  'batch/jobs': bySpec,
  'batch/cronjobs': (object) => object.spec?.jobTemplate?.spec?.template,
};

/** Whether a resource is pods, or makes them. */
export function carriesPod({ group, plural }: { readonly group: string; readonly plural: string }): boolean {
  return `${group}/${plural}` in templates;
}

/** The pod that an object is or makes; undefined when it says none. */
export function podIn(
  { group, plural }: { readonly group: string; readonly plural: string },
  object: Readonly<KubernetesObject>,
): PodLike | undefined {
  const template = templates[`${group}/${plural}`]?.(object as unknown as Loose);
  if (template?.spec === undefined) return undefined;
  return { annotations: template.metadata?.annotations ?? {}, spec: template.spec };
}
