import { describe, expect, it } from 'vitest';
import { mutatingWebhookConfigurations } from './admissionregistration/index.ts';
import { apiServices } from './apiregistration/index.ts';
import { horizontalPodAutoscalers } from './autoscaling/index.ts';
import { cronJobs, jobs } from './batch/index.ts';
import { cronFault } from './batch/rules/cron-schedule.ts';
import { catalogue } from './catalogue.ts';
import { limitRanges, persistentVolumeClaims, persistentVolumes, replicationControllers } from './core/index.ts';
import { ingresses, networkPolicies, serviceCidrs } from './networking/index.ts';
import { podDisruptionBudgets } from './policy/index.ts';
import { clusterRoleBindings, roleBindings, roles } from './rbac/index.ts';
import type { ResourceDefinition } from './resource.ts';
import { admitted, faults, updateFaults } from './rules-fixture.ts';
import { priorityClasses } from './scheduling/index.ts';
import { storageClasses } from './storage/index.ts';

const named = (rest: object, name = 'x'): object => ({ metadata: { name, namespace: 'n', uid: 'u' }, ...rest });
const podTemplate = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'i:1' }], restartPolicy: 'Never' },
};

describe('jobs', () => {
  it('select their own pods', () => {
    const job = admitted(jobs, named({ spec: { template: podTemplate } }));
    expect(job.spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
    expect(job.spec.template.metadata.labels).toMatchObject({ app: 'a', 'batch.kubernetes.io/job-name': 'x' });
    expect(faults(jobs, named({ spec: { template: podTemplate } }))).toEqual([]);
  });

  it('may be resized when elastic, and steered while they wait, but not changed', () => {
    const job = named({ spec: { template: podTemplate, suspend: true } });
    expect(updateFaults(jobs, job, ({ spec }) => (spec.completions = 9))).toEqual([
      'spec.completions: Invalid value: 9: field is immutable',
    ]);
    expect(updateFaults(jobs, job, ({ spec }) => (spec.template.spec.nodeSelector = { a: 'b' }))).toEqual([]);
    expect(updateFaults(jobs, job, ({ spec }) => (spec.template.spec.hostname = 'h'))).toEqual([
      expect.stringContaining('spec.template: Invalid value'),
    ]);
  });

  it.each([
    ['*/5 * * * *', undefined],
    ['0 0 1 jan-mar mon,fri', undefined],
    ['@daily', undefined],
    ['@every 1h30m', undefined],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['x * * * *', 'failed to parse int from x'],
    ['*/0 * * * *', 'failed to parse int from 0'],
    ['TZ=UTC * * * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    ['@often', 'unrecognized descriptor: @often'],
  ])('schedule %j: %s', (schedule, fault) => {
    expect(cronFault(schedule)).toBe(fault);
  });
});

describe('rules', () => {
  const policy = (spec: object): object => named({ spec: { podSelector: {}, ...spec } });
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const autoscaler = (spec: object): object =>
    named({ spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 3, ...spec } });
  const webhook = (extra: object): object =>
    named({
      webhooks: [
        {
          name: 'a.b.c',
          clientConfig: { url: 'https://x/y' },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          ...extra,
        },
      ],
    });
  const ingress = (spec: object): object => named({ spec });
  const backend = { service: { name: 's', port: { number: 80 } } };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' };

  it.each<[string, unknown, object, string | undefined]>([
    [
      'cron job',
      cronJobs,
      named({ spec: { schedule: '* * * * *', jobTemplate: { spec: { template: podTemplate } } } }),
      undefined,
    ],
    [
      'cron job name',
      cronJobs,
      named({ spec: { schedule: '* * * * *', jobTemplate: { spec: { template: podTemplate } } } }, 'x'.repeat(53)),
      'metadata.name: Invalid value',
    ],
    [
      'cron job restart',
      cronJobs,
      named({
        spec: {
          schedule: '* * * * *',
          jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } } },
        },
      }),
      'spec.jobTemplate.spec.template.spec.restartPolicy: Unsupported value: "Always": supported values: "Never", "OnFailure"',
    ],
    ['autoscaler', horizontalPodAutoscalers, autoscaler({}), undefined],
    [
      'autoscaler bounds',
      horizontalPodAutoscalers,
      autoscaler({ minReplicas: 5 }),
      'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
    ],
    [
      'autoscaler metric',
      horizontalPodAutoscalers,
      autoscaler({ metrics: [{ type: 'Pods' }] }),
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
    ],
    [
      'autoscaler behaviour',
      horizontalPodAutoscalers,
      autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 4000 } } }),
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be between 0 and 3600, inclusive',
    ],
    [
      'budget',
      podDisruptionBudgets,
      named({ spec: { minAvailable: 1, maxUnavailable: 1 } }),
      'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
    ],
    [
      'budget share',
      podDisruptionBudgets,
      named({ spec: { minAvailable: '101%' } }),
      'spec.minAvailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      'policy',
      networkPolicies,
      policy({ ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] }),
      undefined,
    ],
    [
      'policy peer',
      networkPolicies,
      policy({ ingress: [{ from: [{}] }] }),
      'spec.ingress[0].from[0]: Required value: must specify a peer',
    ],
    [
      'policy block',
      networkPolicies,
      policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0' } }] }] }),
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.0"',
    ],
    [
      'policy ports',
      networkPolicies,
      policy({ ingress: [{ ports: [{ port: 80, endPort: 79 }] }] }),
      'spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`',
    ],
    [
      'ingress',
      ingresses,
      ingress({ rules: [{ host: '*.a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] }),
      undefined,
    ],
    ['ingress without rules', ingresses, ingress({}), 'either `defaultBackend` or `rules` must be specified'],
    [
      'ingress path',
      ingresses,
      ingress({ rules: [{ http: { paths: [{ path: 'x', pathType: 'Exact', backend }] } }] }),
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
    ],
    [
      'ingress backend',
      ingresses,
      ingress({ defaultBackend: { service: { name: 's' } } }),
      'spec.defaultBackend: Required value: port name or number is required',
    ],
    [
      'range',
      serviceCidrs,
      { metadata: { name: 'x' }, spec: { cidrs: ['10.0.0.0/8', '10.1.0.0/16'] } },
      'spec.cidrs: Invalid value',
    ],
    [
      'role',
      roles,
      named({ rules: [{ verbs: [], apiGroups: [''], resources: ['pods'] }] }),
      'rules[0].verbs: Required value: verbs must contain at least one value',
    ],
    [
      'role urls',
      roles,
      named({ rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] }),
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    ],
    ['binding', roleBindings, named({ roleRef, subjects: [{ kind: 'User', name: 'u' }] }), undefined],
    [
      'binding subject',
      roleBindings,
      named({ roleRef, subjects: [{ kind: 'Robot', name: 'u' }] }),
      'subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
    ],
    [
      'cluster binding',
      clusterRoleBindings,
      { metadata: { name: 'x' }, roleRef },
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    ],
    ['claim', persistentVolumeClaims, named({ spec: claim }), undefined],
    [
      'claim size',
      persistentVolumeClaims,
      named({ spec: { accessModes: ['ReadWriteOnce'] } }),
      'spec.resources[storage]: Required value',
    ],
    [
      'volume',
      persistentVolumes,
      {
        metadata: { name: 'x' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: '1Gi' },
          nfs: { path: '/x', server: 's' },
          hostPath: { path: '/' },
        },
      },
      'spec.hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'limits',
      limitRanges,
      named({ spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] } }),
      'min value 2 is greater than max value 1',
    ],
    [
      'controller',
      replicationControllers,
      named({ spec: { template: { ...podTemplate, spec: { containers: [{ name: 'c', image: 'i' }] } } } }),
      undefined,
    ],
    [
      'priority',
      priorityClasses,
      { metadata: { name: 'x' }, value: 1_000_000_001 },
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ],
    [
      'system priority',
      priorityClasses,
      { metadata: { name: 'system-mine' }, value: 1 },
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved",
    ],
    ['webhook', mutatingWebhookConfigurations, webhook({}), undefined],
    [
      'webhook name',
      mutatingWebhookConfigurations,
      webhook({ name: 'a.b' }),
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments',
    ],
    [
      'webhook address',
      mutatingWebhookConfigurations,
      webhook({ clientConfig: { url: 'http://x' } }),
      'webhooks[0].clientConfig.url: Invalid value',
    ],
    [
      'webhook patience',
      mutatingWebhookConfigurations,
      webhook({ timeoutSeconds: 31 }),
      'the timeout value must be between 1 and 30 seconds',
    ],
    [
      'aggregated API',
      apiServices,
      {
        metadata: { name: 'v1.a.b' },
        spec: { version: 'v1', group: 'a.c', groupPriorityMinimum: 1, versionPriority: 1 },
      },
      'metadata.name: Invalid value: "v1.a.b": must be `spec.version+"."+spec.group`: "v1.a.c"',
    ],
  ])('%s', (_title, definition, object, sentence) => {
    const found = faults(definition as ResourceDefinition, object);
    if (sentence === undefined) expect(found).toEqual([]);
    else expect(found).toContainEqual(expect.stringContaining(sentence));
  });

  it('keep what others rely on', () => {
    expect(
      updateFaults(roleBindings, named({ roleRef }), (binding) => (binding.roleRef = { ...roleRef, name: 'other' })),
    ).toEqual([expect.stringContaining('roleRef: Invalid value')]);
    expect(
      updateFaults(
        storageClasses,
        { metadata: { name: 'x' }, provisioner: 'a/b' },
        (entry) => (entry.provisioner = 'c/d'),
      ),
    ).toEqual(['provisioner: Forbidden: updates to provisioner are forbidden.']);
    expect(updateFaults(persistentVolumeClaims, named({ spec: claim }), ({ spec }) => (spec.volumeName = 'v'))).toEqual(
      [],
    );
    expect(
      updateFaults(
        persistentVolumeClaims,
        named({ spec: { ...claim, storageClassName: 'slow' } }),
        ({ spec }) => (spec.storageClassName = 'fast'),
      ),
    ).toEqual([expect.stringContaining('spec: Forbidden: spec is immutable after creation')]);
    // Made before there was a default class: it may get one later.
    expect(
      updateFaults(persistentVolumeClaims, named({ spec: claim }), ({ spec }) => (spec.storageClassName = 'fast')),
    ).toEqual([]);
    expect(updateFaults(priorityClasses, { metadata: { name: 'x' }, value: 1 }, (entry) => (entry.value = 2))).toEqual([
      'value: Forbidden: may not be changed in an update.',
    ]);
  });
});

describe('every resource', () => {
  it('survives an almost empty object: rules report, they never throw', () => {
    for (const definition of catalogue.filter(({ verbs }) => verbs.includes('create'))) {
      const bare = { metadata: { name: 'x' } };
      expect(() => faults(definition, bare), `${definition.group}/${definition.plural}`).not.toThrow();
    }
  });
});
