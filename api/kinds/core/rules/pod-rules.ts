// Rules of a pod and of pod templates that the schema cannot say.
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName } from '../../../meta/names.ts';
import { ipFamily } from '../../../meta/ip.ts';
import { invalidValue, notSupported, required, tooMany, type FieldError } from '../../../schema/field-error.ts';
import { validateAnnotations, validateLabels } from '../../meta/object-meta-rules.ts';
import type { PodSpec } from '../pod-spec.ts';
import type { PodTemplateSpec } from '../pod-template-spec.ts';
import type { Pod } from '../pod.ts';
import { invalidFor } from './checks.ts';
import { validateContainers } from './container-rules.ts';
import { validatePlacement } from './placement-rules.ts';
import { validatePodSecurity } from './security-rules.ts';
import { validateVolumes } from './volume-rules.ts';

/** Checks a pod. */
export function validatePod(pod: Pod): FieldError[] {
  return validatePodSpec(pod.spec, 'spec');
}

/** Checks a template of pods, as workloads carry it. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  return [
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template.spec, `${path}.spec`),
  ];
}

/** A workload's template must restart its containers; jobs decide otherwise. */
export function validateServiceTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { restartPolicy } = template.spec;
  const errors = validatePodTemplate(template, path);
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (template.spec.activeDeadlineSeconds !== undefined) {
    errors.push({
      path: `${path}.spec.activeDeadlineSeconds`,
      reason: 'FieldValueForbidden',
      message: 'Forbidden: activeDeadlineSeconds in this context is not supported',
    });
  }
  return errors;
}

/** Checks the spec of a pod. */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  return [
    ...validateVolumes(spec.volumes, `${path}.volumes`),
    ...validateContainers(spec, path),
    ...validatePlacement(spec, path),
    ...validatePodSecurity(spec.securityContext, `${path}.securityContext`),
    ...validateNetwork(spec, path),
    ...validateReferences(spec, path),
    ...validateTimes(spec, path),
  ];
}

function validateNetwork(spec: PodSpec, path: string): FieldError[] {
  const { dnsConfig, dnsPolicy, hostAliases = [], hostname, subdomain } = spec;
  const errors: FieldError[] = [];
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, checkDnsLabel(hostname)));
  if (subdomain) errors.push(...invalidFor(`${path}.subdomain`, subdomain, checkDnsLabel(subdomain)));
  const nameservers = dnsConfig?.nameservers ?? [];
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    errors.push(required(`${path}.dnsConfig.nameservers`, detail));
  }
  if (nameservers.length > 3) errors.push(tooMany(`${path}.dnsConfig.nameservers`, nameservers.length, 3));
  for (const [index, address] of nameservers.entries()) {
    errors.push(...checkIp(`${path}.dnsConfig.nameservers[${index}]`, address));
  }
  for (const [index, alias] of hostAliases.entries()) {
    errors.push(...checkIp(`${path}.hostAliases[${index}].ip`, alias.ip));
    for (const [at, name] of (alias.hostnames ?? []).entries()) {
      errors.push(...invalidFor(`${path}.hostAliases[${index}].hostnames[${at}]`, name, checkDnsSubdomain(name)));
    }
  }
  return errors;
}

/** An address, v4 or v6. */
export function checkIp(path: string, address: string): FieldError[] {
  if (ipFamily(address) !== undefined) return [];
  return [invalidValue(path, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

function validateReferences(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const name = spec[field];
    if (name) errors.push(...invalidFor(`${path}.${field}`, name, checkDnsSubdomain(name)));
  }
  for (const [index, gate] of (spec.readinessGates ?? []).entries()) {
    const at = `${path}.readinessGates[${index}].conditionType`;
    errors.push(...invalidFor(at, gate.conditionType, checkQualifiedName(gate.conditionType)));
  }
  for (const [index, gate] of (spec.schedulingGates ?? []).entries()) {
    errors.push(...invalidFor(`${path}.schedulingGates[${index}]`, gate.name, checkQualifiedName(gate.name)));
  }
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) {
    errors.push({
      path: `${path}.nodeName`,
      reason: 'FieldValueForbidden',
      message: 'Forbidden: cannot be set until all schedulingGates have been cleared',
    });
  }
  return errors;
}

function validateTimes(spec: PodSpec, path: string): FieldError[] {
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace = 0 } = spec;
  const errors: FieldError[] = [];
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647)) {
    const detail = 'must be between 1 and 2147483647, inclusive';
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, detail));
  }
  if (grace < 0) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than or equal to 0'));
  }
  return errors;
}
