// Words on workloads, scaling and disruption.
import type { TypeWords } from './index.ts';

const template = 'What the pods look like.';
const selector = "Which pods belong to it. Must match the template's labels, and cannot change.";
const history = 'How many old versions are kept for going back.';
const steady = 'How long a new pod must be ready before it counts as available.';

const apps: TypeWords = {
  Deployment: {
    '': 'Keeps a number of equal pods running and replaces them step by step when their template changes.',
    spec: 'What should run.',
    status: 'What runs.',
  },
  DeploymentSpec: {
    replicas: 'How many pods there should be.',
    selector,
    template,
    strategy: 'How old pods are replaced by new ones.',
    minReadySeconds: steady,
    revisionHistoryLimit: history,
    progressDeadlineSeconds: 'How long a rollout may stand still before it is reported as failed.',
    paused: 'Whether changes of the template wait.',
  },
  DeploymentStrategy: {
    type: 'RollingUpdate, or Recreate: all old pods end before new ones start.',
    rollingUpdate: 'The pace of a rolling update.',
  },
  RollingUpdateDeployment: {
    maxSurge: 'How many pods there may be above the wanted number, as a number or percentage.',
    maxUnavailable: 'How many pods may be missing, as a number or percentage.',
  },
  DeploymentStatus: {
    replicas: 'How many pods there are.',
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready for long enough.',
    updatedReplicas: 'How many are of the newest template.',
    unavailableReplicas: 'How many are missing.',
    conditions: 'Whether it is available, and moving on.',
    observedGeneration: 'The generation of the spec that this is about.',
  },
  ReplicaSet: {
    '': 'Keeps a number of equal pods running. Usually a Deployment makes it.',
    spec: 'What should run.',
    status: 'What runs.',
  },
  ReplicaSetSpec: { replicas: 'How many pods there should be.', selector, template, minReadySeconds: steady },
  StatefulSet: {
    '': 'Keeps pods running that each have a name, and storage, of their own.',
    spec: 'What should run.',
    status: 'What runs.',
  },
  StatefulSetSpec: {
    replicas: 'How many pods there should be.',
    selector,
    template,
    serviceName: 'The headless service that gives the pods their names.',
    volumeClaimTemplates: 'Claims that every pod gets for itself.',
    podManagementPolicy: 'OrderedReady: one after another; Parallel: all at once.',
    updateStrategy: 'How old pods are replaced: RollingUpdate or OnDelete.',
    persistentVolumeClaimRetentionPolicy: 'Whether claims are kept when pods go.',
    revisionHistoryLimit: history,
    minReadySeconds: steady,
    ordinals: 'The number of the first pod.',
  },
  DaemonSet: {
    '': 'Runs one pod on every node, or on every node that fits.',
    spec: 'What should run.',
    status: 'What runs.',
  },
  DaemonSetSpec: {
    selector,
    template,
    updateStrategy: 'How old pods are replaced: RollingUpdate or OnDelete.',
    minReadySeconds: steady,
    revisionHistoryLimit: history,
  },
};

const batch: TypeWords = {
  Job: { '': 'Runs pods until enough of them have succeeded.', spec: 'What should run.', status: 'How it went.' },
  JobSpec: {
    template,
    completions: 'How many pods must succeed.',
    parallelism: 'How many pods may run at once.',
    completionMode: 'NonIndexed, or Indexed: each success is for a number of its own.',
    backoffLimit: 'How often pods may fail before the job fails.',
    backoffLimitPerIndex: 'How often pods of one index may fail.',
    activeDeadlineSeconds: 'How long the job may take.',
    ttlSecondsAfterFinished: 'How long the job is kept after its end.',
    suspend: 'Whether the job waits, without pods.',
    selector: 'Which pods belong to the job. The server chooses it.',
    manualSelector: 'Choose the selector yourself. Rarely right.',
    podFailurePolicy: 'Which failures end the job, do not count, or fail an index.',
    podReplacementPolicy: 'When a pod is replaced: while it ends, or after.',
  },
  CronJob: { '': 'Makes jobs at given times.', spec: 'Which jobs, and when.', status: 'What it did.' },
  CronJobSpec: {
    schedule: 'When: minute, hour, day of the month, month, day of the week.',
    timeZone: "The time zone of the schedule; the control plane's by default.",
    jobTemplate: 'What the jobs look like.',
    concurrencyPolicy: 'When the last job still runs: Allow, Forbid or Replace.',
    startingDeadlineSeconds: 'By how much a start may be late.',
    suspend: 'Whether no jobs are made.',
    successfulJobsHistoryLimit: 'How many successful jobs are kept.',
    failedJobsHistoryLimit: 'How many failed jobs are kept.',
  },
};

const autoscaling: TypeWords = {
  HorizontalPodAutoscaler: {
    '': 'Changes the number of pods with their load.',
    spec: 'What to watch and between which bounds.',
    status: 'What it does.',
  },
  HorizontalPodAutoscalerSpec: {
    scaleTargetRef: 'What is scaled.',
    minReplicas: 'The least number of pods.',
    maxReplicas: 'The greatest number of pods.',
    metrics: 'What the load is; CPU at 80 % by default.',
    behavior: 'How fast it goes up and down.',
  },
};

const policy: TypeWords = {
  PodDisruptionBudget: {
    '': 'How many pods of a set may be taken away at once on purpose.',
    spec: 'The set and the number.',
    status: 'How many may go now.',
  },
  PodDisruptionBudgetSpec: {
    selector: 'The pods.',
    minAvailable: 'How many must stay, as a number or percentage.',
    maxUnavailable: 'How many may be missing, as a number or percentage.',
    unhealthyPodEvictionPolicy: 'Whether pods that are not ready may go in any case.',
  },
};

const scheduling: TypeWords = {
  PriorityClass: {
    '': 'How important pods are.',
    value: 'The greater, the more important. It cannot change.',
    globalDefault: 'Whether pods without a class get this one.',
    description: 'When to use it.',
    preemptionPolicy: 'PreemptLowerPriority, or Never.',
  },
};

export const workloadWords = { apps, batch, autoscaling, policy, scheduling };
