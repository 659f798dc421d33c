// Whether a container that ended is started again. Pure. A container's own rules come first, then its own policy, then
// the pod's; init containers of a pod that always restarts are done when they succeed.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import type { ContainerGroup } from './pod-view.ts';
import { isSidecar } from './pod-view.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export function restartPolicyOf(pod: Readonly<Pod>, container: Container, group: ContainerGroup): RestartPolicy {
  if (group === 'ephemeral') return 'Never';
  const policy = (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always') as RestartPolicy;
  if (group === 'init' && !isSidecar(container)) return policy === 'Never' ? 'Never' : 'OnFailure';
  return policy;
}

/** Whether the container runs again after this exit. */
export function shouldRestart(
  pod: Readonly<Pod>,
  container: Container,
  group: ContainerGroup,
  exitCode: number,
): boolean {
  if (group !== 'ephemeral' && matchesRule(container, exitCode)) return true;
  const policy = restartPolicyOf(pod, container, group);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function matchesRule(container: Container, exitCode: number): boolean {
  return (container.restartPolicyRules ?? []).some(({ action, exitCodes }) => {
    if (action !== 'Restart' || exitCodes === undefined) return false;
    const listed = exitCodes.values?.includes(exitCode) ?? false;
    return exitCodes.operator === 'NotIn' ? !listed : listed;
  });
}
