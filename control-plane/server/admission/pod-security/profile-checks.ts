// Baseline controls of the security modules' profiles: AppArmor, SELinux, seccomp. Defaults may not be taken off.
import {
  containersOf,
  failing,
  plural,
  quoted,
  settersOf,
  sorted,
  type AnyContainer,
  type Check,
  type Fault,
  type PodLike,
} from './check.ts';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

function appArmor(pod: PodLike): Fault | undefined {
  const typeOf = (of: { appArmorProfile?: { type: string } } | undefined): string | undefined =>
    of?.appArmorProfile?.type;
  const isBad = (type: string | undefined): boolean =>
    type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
  const podType = typeOf(pod.spec.securityContext);
  const bad = failing(pod, ({ securityContext }) => isBad(typeOf(securityContext)));
  const types = sorted(
    [podType, ...containersOf(pod).map(({ securityContext }) => typeOf(securityContext))].filter(
      (type): type is string => isBad(type),
    ),
  );
  const annotations = Object.entries(pod.annotations)
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !/^(|runtime\/default|localhost\/.*)$/s.test(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const setters = [settersOf(isBad(podType), bad)].filter((text) => text !== '');
  if (annotations.length > 0) setters.push(plural('annotation', annotations.length));
  if (setters.length === 0) return undefined;
  const values = [...types, ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

type SeLinux = { type?: string; user?: string; role?: string };

function seLinux(allowed: ReadonlySet<string>): (pod: PodLike) => Fault | undefined {
  const isBad = (options: SeLinux | undefined): boolean =>
    options !== undefined && (!allowed.has(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  return (pod) => {
    const podOptions = pod.spec.securityContext?.seLinuxOptions;
    const bad = failing(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    if (!isBad(podOptions) && bad.length === 0) return undefined;
    const all: SeLinux[] = [podOptions, ...containersOf(pod).map((one) => one.securityContext?.seLinuxOptions)].filter(
      (options) => options !== undefined,
    );
    const types = sorted(all.map(({ type = '' }) => type).filter((type) => !allowed.has(type)));
    const faults = [
      ...(types.length > 0 ? [`${plural('type', types.length)} ${quoted(types)}`] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${settersOf(isBad(podOptions), bad)} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
    };
  };
}

const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19 profiles were annotations. */
function seccompAnnotations(pod: PodLike): Fault | undefined {
  const keys = [seccompPodAnnotation, ...containersOf(pod).map(({ name }) => seccompContainerPrefix + name)];
  const bad = keys.flatMap((key) => {
    const value = pod.annotations[key];
    const isFine = value === undefined || /^(runtime\/default|docker\/default|localhost\/.*)$/s.test(value);
    return isFine ? [] : [`${key}=${JSON.stringify(value)}`];
  });
  if (bad.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', bad.length)} ${sorted(bad).join(', ')}`,
  };
}

const isBadSeccomp = (type: string | undefined): boolean =>
  type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
const seccompOf = ({ securityContext }: Pick<AnyContainer, 'securityContext'>): string | undefined =>
  securityContext?.seccompProfile?.type;

/** Profiles that are named and not allowed; restricted adds those that are missing. */
export function seccompFields(pod: PodLike): Fault | undefined {
  const podType = pod.spec.securityContext?.seccompProfile?.type;
  const bad = failing(pod, (container) => isBadSeccomp(seccompOf(container)));
  if (!isBadSeccomp(podType) && bad.length === 0) return undefined;
  const types = sorted(
    [podType, ...containersOf(pod).map(seccompOf)].filter((type): type is string => isBadSeccomp(type)),
  );
  return {
    reason: 'seccompProfile',
    detail: `${settersOf(isBadSeccomp(podType), bad)} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
}

/** Containers that no profile is named for, neither by themselves nor by their pod. */
export function withoutSeccomp(pod: PodLike): string[] {
  if (pod.spec.securityContext?.seccompProfile !== undefined) return [];
  return failing(pod, (container) => seccompOf(container) === undefined);
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** The profile controls of the baseline level. */
export const profileChecks: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', versions: [{ since: 0, judge: appArmor }] },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    versions: [
      { since: 0, judge: seLinux(new Set(seLinuxTypes)) },
      { since: 31, judge: seLinux(new Set([...seLinuxTypes, 'container_engine_t'])) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    versions: [
      { since: 0, judge: seccompAnnotations },
      { since: 19, judge: seccompFields },
    ],
  },
];
