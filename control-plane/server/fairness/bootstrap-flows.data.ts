// The priority levels and flow schemas of a fresh cluster, with upstream's names and numbers, as facts.

export interface LevelFacts {
  readonly name: string;
  readonly shares: number;
  readonly lendablePercent: number;
  /** `[queues, handSize, queueLengthLimit]`; without it requests beyond the limit are refused at once. */
  readonly queuing?: readonly [number, number, number];
  readonly isExempt?: boolean;
}

export interface FlowFacts {
  readonly name: string;
  readonly precedence: number;
  readonly level: string;
  readonly by?: 'ByUser' | 'ByNamespace';
  /** `Group NAME`, `User NAME`, `ServiceAccount NAMESPACE/NAME`. */
  readonly subjects: readonly string[];
  /** `verbs groups resources [namespaces]`, lists by commas; `core` is the group without a name. */
  readonly resources?: readonly string[];
  /** `verbs paths`. */
  readonly paths?: readonly string[];
}

export const levelFacts: readonly LevelFacts[] = [
  { name: 'exempt', shares: 0, lendablePercent: 0, isExempt: true },
  { name: 'catch-all', shares: 5, lendablePercent: 0 },
  { name: 'system', shares: 30, lendablePercent: 33, queuing: [64, 6, 50] },
  { name: 'node-high', shares: 40, lendablePercent: 25, queuing: [64, 6, 50] },
  { name: 'leader-election', shares: 10, lendablePercent: 0, queuing: [16, 4, 50] },
  { name: 'workload-high', shares: 40, lendablePercent: 50, queuing: [128, 6, 50] },
  { name: 'workload-low', shares: 100, lendablePercent: 90, queuing: [128, 6, 50] },
  { name: 'global-default', shares: 20, lendablePercent: 50, queuing: [128, 6, 50] },
];

const everybody = ['Group system:unauthenticated', 'Group system:authenticated'];
const everything = { resources: ['* * *'], paths: ['* *'] };

export const flowFacts: readonly FlowFacts[] = [
  { name: 'exempt', precedence: 1, level: 'exempt', subjects: ['Group system:masters'], ...everything },
  {
    name: 'probes',
    precedence: 2,
    level: 'exempt',
    subjects: everybody,
    paths: ['get /healthz,/readyz,/livez'],
  },
  {
    name: 'system-leader-election',
    precedence: 100,
    level: 'leader-election',
    by: 'ByUser',
    subjects: ['User system:kube-controller-manager', 'User system:kube-scheduler', 'ServiceAccount kube-system/*'],
    resources: ['get,create,update coordination.k8s.io leases kube-system'],
  },
  {
    name: 'endpoint-controller',
    precedence: 150,
    level: 'workload-high',
    by: 'ByUser',
    subjects: [
      'User system:kube-controller-manager',
      'ServiceAccount kube-system/endpoint-controller',
      'ServiceAccount kube-system/endpointslicemirroring-controller',
    ],
    resources: ['get,create,update core endpoints', 'get,create,update discovery.k8s.io endpointslices'],
  },
  {
    name: 'workload-leader-election',
    precedence: 200,
    level: 'leader-election',
    by: 'ByUser',
    subjects: ['ServiceAccount kube-system/*'],
    resources: ['get,create,update coordination.k8s.io leases'],
  },
  {
    name: 'system-node-high',
    precedence: 400,
    level: 'node-high',
    by: 'ByUser',
    subjects: ['Group system:nodes'],
    resources: ['* core nodes,nodes/status', '* coordination.k8s.io leases'],
  },
  {
    name: 'system-nodes',
    precedence: 500,
    level: 'system',
    by: 'ByUser',
    subjects: ['Group system:nodes'],
    ...everything,
  },
  {
    name: 'kube-controller-manager',
    precedence: 800,
    level: 'workload-high',
    by: 'ByNamespace',
    subjects: ['User system:kube-controller-manager'],
    ...everything,
  },
  {
    name: 'kube-scheduler',
    precedence: 800,
    level: 'workload-high',
    by: 'ByNamespace',
    subjects: ['User system:kube-scheduler'],
    ...everything,
  },
  {
    name: 'kube-system-service-accounts',
    precedence: 900,
    level: 'workload-high',
    by: 'ByNamespace',
    subjects: ['ServiceAccount kube-system/*'],
    ...everything,
  },
  {
    name: 'service-accounts',
    precedence: 9000,
    level: 'workload-low',
    by: 'ByUser',
    subjects: ['Group system:serviceaccounts'],
    ...everything,
  },
  {
    name: 'global-default',
    precedence: 9900,
    level: 'global-default',
    by: 'ByUser',
    subjects: everybody,
    ...everything,
  },
  { name: 'catch-all', precedence: 10000, level: 'catch-all', by: 'ByUser', subjects: everybody, ...everything },
];
