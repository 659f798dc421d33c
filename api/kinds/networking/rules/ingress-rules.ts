// Rules of ingresses and their classes.
import { checkDns1035Label, checkDnsSubdomain, checkPortName, checkPortNumber } from '../../../meta/names.ts';
import { ipFamily } from '../../../meta/ip.ts';
import { invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import { invalidFor } from '../../core/rules/checks.ts';
import { immutable } from '../../meta/object-meta-rules.ts';
import type { IngressClass } from '../ingress-class.ts';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule } from '../ingress.ts';

/** Checks an ingress. */
export function validateIngress({ spec }: Ingress): FieldError[] {
  const { defaultBackend, ingressClassName, rules = [], tls = [] } = spec;
  const errors: FieldError[] = [];
  if (defaultBackend === undefined && rules.length === 0) {
    errors.push(invalidValue('spec', spec, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend !== undefined) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  if (ingressClassName !== undefined) {
    errors.push(...invalidFor('spec.ingressClassName', ingressClassName, checkDnsSubdomain(ingressClassName)));
  }
  return [
    ...errors,
    ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)),
    ...tls.flatMap(({ hosts = [] }, index) =>
      hosts.flatMap((host, at) => validateHost(host, `spec.tls[${index}].hosts[${at}]`)),
    ),
  ];
}

function validateHost(host: string, path: string): FieldError[] {
  if (ipFamily(host) !== undefined) return [invalidValue(path, host, 'must be a DNS name, not an IP address')];
  if (!host.includes('*')) return invalidFor(path, host, checkDnsSubdomain(host));
  const fits = host.startsWith('*.') && checkDnsSubdomain(host.slice(2)).length === 0;
  const detail =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com')";
  return fits ? [] : [invalidValue(path, host, detail)];
}

function validateRule({ host, http }: IngressRule, path: string): FieldError[] {
  const errors = host ? validateHost(host, `${path}.host`) : [];
  if (http !== undefined && (http.paths ?? []).length === 0) errors.push(required(`${path}.http.paths`));
  const paths = (http?.paths ?? []).flatMap((item, index) => validatePath(item, `${path}.http.paths[${index}]`));
  return [...errors, ...paths];
}

const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenSuffixes = ['/..', '/.'];

function validatePath({ backend, path: url = '', pathType }: HTTPIngressPath, path: string): FieldError[] {
  const errors = validateBackend(backend, `${path}.backend`);
  if (pathType === 'ImplementationSpecific' && url === '') return errors;
  if (!url.startsWith('/')) return [...errors, invalidValue(`${path}.path`, url, 'must be an absolute path')];
  if (pathType === 'ImplementationSpecific') return errors;
  for (const part of forbiddenSequences) {
    if (url.includes(part)) errors.push(invalidValue(`${path}.path`, url, `must not contain '${part}'`));
  }
  for (const part of forbiddenSuffixes) {
    if (url.endsWith(part)) errors.push(invalidValue(`${path}.path`, url, `cannot end with '${part}'`));
  }
  return errors;
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource !== undefined && service !== undefined) {
    return [invalidValue(path, '', 'cannot set both resource and service backends')];
  }
  if (service === undefined)
    return resource === undefined ? [required(path, 'resource or service backend is required')] : [];
  const errors = service.name ? invalidFor(`${path}.service.name`, service.name, checkDns1035Label(service.name)) : [];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalidValue(path, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...invalidFor(`${path}.service.port.name`, name, checkPortName(name)));
  else if (number) errors.push(...invalidFor(`${path}.service.port.number`, number, checkPortNumber(number)));
  else errors.push(required(path, 'port name or number is required'));
  return errors;
}

/** Checks an ingress class. */
export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec;
  const errors: FieldError[] = [];
  if (controller !== '' && !/^[a-z0-9.-]+\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(controller)) {
    errors.push(invalidValue('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  }
  if (parameters?.scope === 'Namespace' && !parameters.namespace) {
    errors.push(required('spec.parameters.namespace', "`parameters.scope` is set to 'Namespace'"));
  }
  return errors;
}

export function validateIngressClassUpdate(next: IngressClass, previous: IngressClass): FieldError[] {
  return immutable('spec.controller', next.spec.controller, previous.spec.controller);
}
