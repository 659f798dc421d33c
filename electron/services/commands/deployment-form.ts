// From the create form to API objects. Pure; the server defaults and validates the rest.
import type { DeploymentForm } from '../../../api/console/index.ts';
import type { Deployment } from '../../../api/kinds/apps/index.ts';
import type { Service } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';

/** The profile of our scheduler that fills a machine before the next is touched. */
const packingScheduler = 'bin-pack';

function amounts(cpu: string | undefined, memory: string | undefined): Record<string, string> | undefined {
  const list = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
  return Object.keys(list).length > 0 ? list : undefined;
}

/** The Deployment that a form stands for; its pods carry `app: <name>`. */
export function deploymentOf(form: DeploymentForm): Draft<Deployment> {
  const labels = { app: form.name };
  const requests = amounts(form.cpuRequest, form.memoryRequest);
  const limits = amounts(form.cpuLimit, form.memoryLimit);
  const container = {
    name: form.name.slice(0, 63),
    image: form.image,
    ...(form.command?.length ? { command: [...form.command] } : {}),
    ...(form.containerPort === undefined ? {} : { ports: [{ containerPort: form.containerPort }] }),
    ...(form.environment?.length ? { env: form.environment.map((one) => ({ ...one })) } : {}),
    ...(requests || limits ? { resources: { ...(requests && { requests }), ...(limits && { limits }) } } : {}),
  };
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: form.name, namespace: form.namespace, labels },
    spec: {
      replicas: form.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { ...(form.isPacked ? { schedulerName: packingScheduler } : {}), containers: [container] },
      },
    },
  };
  return draft as unknown as Draft<Deployment>;
}

/** The Service that exposes it, where the form asks for one. */
export function serviceOf(form: DeploymentForm): Draft<Service> | undefined {
  if (form.expose === undefined) return undefined;
  const { type, port } = form.expose;
  const draft = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: form.name, namespace: form.namespace, labels: { app: form.name } },
    spec: {
      type,
      selector: { app: form.name },
      ports: [{ name: 'main', port, targetPort: form.containerPort ?? port, protocol: 'TCP' }],
    },
  };
  return draft as unknown as Draft<Service>;
}
