// Security contexts of pods and containers.
import { forbiddenField, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import type { PodSecurityContext, SeccompProfile, SecurityContext } from '../security-context.ts';

const largestId = 2147483647;

function checkId(path: string, id: number | undefined): FieldError[] {
  if (id === undefined || (id >= 0 && id <= largestId)) return [];
  return [invalidValue(path, id, 'must be between 0 and 2147483647, inclusive')];
}

/** Checks a pod's security context. */
export function validatePodSecurity(context: PodSecurityContext | undefined, path: string): FieldError[] {
  if (context === undefined) return [];
  const { fsGroup, runAsGroup, runAsUser, supplementalGroups = [], sysctls = [] } = context;
  return [
    ...checkId(`${path}.fsGroup`, fsGroup),
    ...checkId(`${path}.runAsUser`, runAsUser),
    ...checkId(`${path}.runAsGroup`, runAsGroup),
    ...supplementalGroups.flatMap((group, index) => checkId(`${path}.supplementalGroups[${index}]`, group)),
    ...sysctls.flatMap(({ name }, index) => checkSysctl(`${path}.sysctls[${index}].name`, name)),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
  ];
}

function checkSysctl(path: string, name: string): FieldError[] {
  const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
  const shape = `(${segment}[\\./])*${segment}`;
  const fits = name.length <= 253 && new RegExp(`^${shape}$`).test(name);
  return fits || name === ''
    ? []
    : [invalidValue(path, name, `must have at most 253 characters and match regex ^${shape}$`)];
}

/** Checks a container's security context. */
export function validateContainerSecurity(context: SecurityContext | undefined, path: string): FieldError[] {
  if (context === undefined) return [];
  const errors = [
    ...checkId(`${path}.runAsUser`, context.runAsUser),
    ...checkId(`${path}.runAsGroup`, context.runAsGroup),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
  ];
  if (context.allowPrivilegeEscalation !== false) return errors;
  const needs = (what: string): FieldError =>
    invalidValue(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`);
  if (context.privileged === true) errors.push(needs('`privileged` to true'));
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(needs('`capabilities.Add` CAP_SYS_ADMIN'));
  return errors;
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { localhostProfile, type } = profile;
  if (type === 'Localhost' && !localhostProfile) {
    return [required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  }
  if (type !== 'Localhost' && localhostProfile !== undefined) {
    return [forbiddenField(`${path}.localhostProfile`, 'can only be set when seccomp type is Localhost')];
  }
  return [];
}
