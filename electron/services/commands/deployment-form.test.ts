import { describe, expect, it } from 'vitest';
import type { DeploymentForm } from '../../../api/console/index.ts';
import { deploymentOf, serviceOf } from './deployment-form.ts';

const form: DeploymentForm = { namespace: 'shop', name: 'web', image: 'web:1', replicas: 2 };

describe('a create form', () => {
  it('becomes a Deployment that leaves to the server what was left empty', () => {
    const { spec, metadata } = deploymentOf(form);
    expect(metadata).toMatchObject({ name: 'web', namespace: 'shop' });
    expect(spec?.template.spec).toEqual({ containers: [{ name: 'web', image: 'web:1' }] });
    expect(spec?.selector.matchLabels).toEqual(spec?.template.metadata?.labels);
    expect(serviceOf(form)).toBeUndefined();
  });

  it('lets its pods be packed densely by the profile for that', () => {
    expect(deploymentOf({ ...form, isPacked: true }).spec?.template.spec?.schedulerName).toBe('bin-pack');
  });

  it('becomes a Service to the container’s port, or to its own where the container names none', () => {
    const expose = { type: 'NodePort', port: 80 } as const;
    expect(serviceOf({ ...form, expose, containerPort: 8080 })?.spec?.ports).toMatchObject([
      { port: 80, targetPort: 8080 },
    ]);
    expect(serviceOf({ ...form, expose })?.spec).toMatchObject({ type: 'NodePort', ports: [{ targetPort: 80 }] });
  });
});
