// Why a pod does not run, read from its status as kubelets fill it in. Pure; words and remedies are the renderer's.
import type { Diagnosis, DiagnosisCause, PodState } from '../../../api/console/index.ts';
import type { ContainerStatus, Pod } from '../../../api/kinds/core/index.ts';

const sigkill = 137;
const sigterm = 143;
const notExecutable = 126;
const notFound = 127;

/** What a registry's refusal means, by the words of Docker and containerd; the first that fits. */
const pullCauses: readonly (readonly [RegExp, DiagnosisCause])[] = [
  [/x509|certificate|server gave HTTP response to HTTPS/i, 'registryUntrusted'],
  [/unauthorized|denied|authentication required|no basic auth/i, 'imageDenied'],
  [/manifest unknown|not found(?!.*lookup)|no such image|404/i, 'imageMissing'],
  [
    /lookup|dial|connection refused|no route|timeout|timed out|deadline|unreachable|EOF|reset by peer/i,
    'registryUnreachable',
  ],
];

/** The registry part of an image's name; Docker's own when it has none. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

function pullCause(evidence: string): DiagnosisCause {
  return pullCauses.find(([words]) => words.test(evidence))?.[1] ?? 'imagePull';
}

/** What a runtime that does not start a container means by it. */
function refusalCause(evidence: string): DiagnosisCause {
  return /exec.*(?:executable file not found|no such file or directory|permission denied)/is.test(evidence)
    ? 'commandMissing'
    : 'containerRefused';
}

function waitingCause(reason: string, evidence: string): DiagnosisCause | undefined {
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return pullCause(evidence);
    case 'InvalidImageName':
      return 'imageName';
    case 'ErrImageNeverPull':
      return 'imageNeverPulled';
    case 'CreateContainerConfigError':
      return 'configMissing';
    case 'CreateContainerError':
    case 'RunContainerError':
    case 'ImageInspectError':
      return refusalCause(evidence);
    default:
      return undefined;
  }
}

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

function endedCause({ reason, exitCode, message = '' }: Ended): DiagnosisCause {
  if (reason === 'OOMKilled') return 'outOfMemory';
  if (reason === 'ContainerCannotRun' || reason === 'StartError') return refusalCause(message);
  if (exitCode === notFound || exitCode === notExecutable) return 'commandMissing';
  if (exitCode === sigkill || exitCode === sigterm) return 'killed';
  return 'exited';
}

/** What is wrong with one container; undefined when nothing is. */
function containerDiagnosis(pod: Pod, status: ContainerStatus): Diagnosis | undefined {
  const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === status.name);
  const image = spec?.image ?? status.image ?? '';
  const facts = { container: status.name, image, registry: registryOf(image), restarts: status.restartCount };
  const { waiting, terminated } = status.state ?? {};
  const evidence = waiting?.message ?? '';
  const cause = waiting?.reason && waitingCause(waiting.reason, evidence);
  if (cause) return { cause, facts, evidence };
  const isWaitingAgain = waiting?.reason === 'CrashLoopBackOff';
  const ended = terminated ?? (isWaitingAgain ? status.lastState?.terminated : undefined);
  if (ended !== undefined && (ended.exitCode !== 0 || isWaitingAgain)) {
    const limit = String(spec?.resources?.limits?.['memory'] ?? '');
    return {
      cause: endedCause(ended),
      facts: { ...facts, exitCode: ended.exitCode, limit },
      evidence: (ended.message ?? '').trim(),
    };
  }
  if (isWaitingAgain) return { cause: 'exited', facts: { ...facts, exitCode: '?', limit: '' }, evidence };
  return undefined;
}

function unboundDiagnosis({ status }: Pod): Diagnosis | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  const cause = condition.reason === 'SchedulingGated' ? 'gated' : 'unschedulable';
  return { cause, facts: {}, evidence: condition.message ?? '' };
}

const podCauses: Readonly<Record<string, DiagnosisCause>> = {
  Evicted: 'evicted',
  DeadlineExceeded: 'deadline',
  NodeLost: 'machineLost',
  NodeShutdown: 'evicted',
  Terminated: 'evicted',
  Preempting: 'evicted',
  OutOfcpu: 'machineRefused',
  OutOfmemory: 'machineRefused',
  OutOfpods: 'machineRefused',
  NodeAffinity: 'machineRefused',
  NodePorts: 'machineRefused',
  UnexpectedAdmissionError: 'machineRefused',
  SysctlForbidden: 'machineRefused',
};

/** Why this pod does not run; undefined for one that runs, ended well, or is on its way without a complaint so far. */
export function diagnose(pod: Pod, state: PodState): Diagnosis | undefined {
  const { status, spec } = pod;
  const machine = { machine: spec.nodeName ?? '' };
  if (state === 'running' || state === 'succeeded' || state === 'terminating') return undefined;
  if (state === 'unknown') return { cause: 'machineLost', facts: machine, evidence: status?.message ?? '' };
  const known = status?.reason === undefined ? undefined : podCauses[status.reason];
  if (known !== undefined) return { cause: known, facts: machine, evidence: status?.message ?? '' };
  if (!spec.nodeName) return unboundDiagnosis(pod);
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const one of statuses) {
    const found = containerDiagnosis(pod, one);
    if (found !== undefined) return { ...found, facts: { ...found.facts, ...machine } };
  }
  if (state === 'notReady') {
    const container = status?.containerStatuses?.find(({ ready }) => !ready)?.name ?? '';
    return { cause: 'notReady', facts: { container, ...machine }, evidence: '' };
  }
  if (state === 'starting') return { cause: 'stuckStarting', facts: machine, evidence: '' };
  return { cause: 'unknown', facts: machine, evidence: status?.message ?? '' };
}
