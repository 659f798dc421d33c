// The restricted level: current best practice of hardening. Holds in addition to baseline.
import { unmaskedProc } from './baseline-checks.ts';
import {
  containersOf,
  failing,
  hasUserNamespace,
  isWindows,
  namedContainers,
  plural,
  quoted,
  settersOf,
  sorted,
  type AnyContainer,
  type Check,
  type Fault,
  type PodLike,
} from './check.ts';
import { seccompFields, withoutSeccomp } from './profile-checks.ts';

const harmlessVolumes = new Set(
  'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' '),
);

function volumeTypes({ spec }: PodLike): Fault | undefined {
  const typesOf = (volume: object): string[] => Object.keys(volume).filter((key) => key !== 'name');
  const bad = (spec.volumes ?? []).filter((volume) => !typesOf(volume).some((type) => harmlessVolumes.has(type)));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => typesOf(volume)[0] ?? 'unknown'));
  const names = quoted(bad.map(({ name }) => name));
  const verb = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', bad.length)} ${names} ${verb} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  };
}

function escalation(pod: PodLike): Fault | undefined {
  const bad = failing(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${namedContainers(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function nonRoot(pod: PodLike): Fault | undefined {
  const podSays = pod.spec.securityContext?.runAsNonRoot;
  const says = ({ securityContext }: AnyContainer): boolean | undefined => securityContext?.runAsNonRoot;
  const reason = 'runAsNonRoot != true';
  const setters = settersOf(
    podSays === false,
    failing(pod, (container) => says(container) === false),
  );
  if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  const silent = podSays === true ? [] : failing(pod, (container) => says(container) === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${namedContainers(silent)} must set securityContext.runAsNonRoot=true` };
}

function rootUser(pod: PodLike): Fault | undefined {
  const setters = settersOf(
    pod.spec.securityContext?.runAsUser === 0,
    failing(pod, ({ securityContext }) => securityContext?.runAsUser === 0),
  );
  return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
}

function seccomp(pod: PodLike): Fault | undefined {
  const named = seccompFields(pod);
  if (named !== undefined) return named;
  const silent = withoutSeccomp(pod);
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${namedContainers(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

function capabilities(pod: PodLike): Fault | undefined {
  const added = ({ securityContext }: AnyContainer): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const keeping = failing(pod, ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'));
  const adding = failing(pod, (container) => added(container).length > 0);
  const details = [
    ...(keeping.length > 0 ? [`${namedContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [
          `${namedContainers(adding)} must not include ${quoted(sorted(containersOf(pod).flatMap(added)))} in securityContext.capabilities.add`,
        ]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

/** A judge that has nothing to say of pods for which `isExempt` holds. */
function unless(isExempt: (pod: PodLike) => boolean, judge: (pod: PodLike) => Fault | undefined): typeof judge {
  return (pod) => (isExempt(pod) ? undefined : judge(pod));
}

/** The controls of the restricted level. */
export const restrictedChecks: readonly Check[] = [
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    versions: [{ since: 0, judge: volumeTypes, replaces: ['hostPathVolumes'] }],
  },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    versions: [
      { since: 8, judge: escalation },
      { since: 25, judge: unless(isWindows, escalation) },
    ],
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    versions: [
      { since: 0, judge: nonRoot },
      { since: 35, judge: unless(hasUserNamespace, nonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    versions: [
      { since: 23, judge: rootUser },
      { since: 35, judge: unless(hasUserNamespace, rootUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    versions: [
      { since: 19, judge: seccomp, replaces: ['seccompProfile_baseline'] },
      { since: 25, judge: unless(isWindows, seccomp), replaces: ['seccompProfile_baseline'] },
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    versions: [
      { since: 22, judge: capabilities, replaces: ['capabilities_baseline'] },
      { since: 25, judge: unless(isWindows, capabilities), replaces: ['capabilities_baseline'] },
    ],
  },
  {
    id: 'procMount_restricted',
    level: 'restricted',
    versions: [{ since: 35, judge: unmaskedProc, replaces: ['procMount'] }],
  },
];
