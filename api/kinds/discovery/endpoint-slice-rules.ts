// Rules of endpoint slices: addresses of the slice's type, few enough, and ports with distinct names.
import { ipFamily } from '../../meta/ip.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts';
import { forbiddenField, invalidValue, required, tooMany, type FieldError } from '../../schema/field-error.ts';
import { checkUnique, invalidFor } from '../core/rules/checks.ts';
import { immutable } from '../meta/object-meta-rules.ts';
import type { Endpoint, EndpointSlice } from './endpoint-slice.ts';

const maxEndpoints = 1000;
const maxPorts = 20_000;
const maxAddresses = 100;

/** Checks an endpoint slice. */
export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  const { addressType, endpoints = [], ports = [] } = slice;
  const errors: FieldError[] = [];
  if (endpoints.length > maxEndpoints) errors.push(tooMany('endpoints', endpoints.length, maxEndpoints));
  if (ports.length > maxPorts) errors.push(tooMany('ports', ports.length, maxPorts));
  return [
    ...errors,
    ...endpoints.flatMap((endpoint, index) => validateEndpoint(endpoint, addressType, `endpoints[${index}]`)),
    ...checkUnique(
      ports,
      ({ name }) => `"${name ?? ''}"`,
      (index) => `ports[${index}].name`,
    ),
    ...ports.flatMap(({ name }, index) => (name ? invalidFor(`ports[${index}].name`, name, checkDnsLabel(name)) : [])),
  ];
}

function validateEndpoint(
  { addresses = [], deprecatedTopology, hostname, nodeName }: Endpoint,
  type: string,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
  if (addresses.length > maxAddresses) errors.push(tooMany(`${path}.addresses`, addresses.length, maxAddresses));
  for (const [index, address] of addresses.entries()) {
    const at = `${path}.addresses[${index}]`;
    if (type === 'FQDN') errors.push(...invalidFor(at, address, checkDnsSubdomain(address)));
    else if (ipFamily(address) !== type) errors.push(invalidValue(at, address, `must be an ${type} address`));
    else errors.push(...checkReachable(at, address));
  }
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, checkDnsLabel(hostname)));
  if (nodeName) errors.push(...invalidFor(`${path}.nodeName`, nodeName, checkDnsSubdomain(nodeName)));
  if (deprecatedTopology !== undefined) {
    errors.push(
      ...Object.keys(deprecatedTopology)
        .filter((key) => key === 'kubernetes.io/hostname')
        .map(() => forbiddenField(`${path}.deprecatedTopology`, 'use nodeName instead')),
    );
  }
  return errors;
}

/** No endpoint is the machine itself, everybody, or nobody. */
function checkReachable(path: string, address: string): FieldError[] {
  const refuse = (detail: string): FieldError[] => [invalidValue(path, address, detail)];
  if (address === '0.0.0.0' || address === '::') return refuse(`may not be unspecified (${address})`);
  if (/^127\./.test(address) || address === '::1')
    return refuse('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (/^169\.254\./.test(address) || /^fe[89ab]/i.test(address)) {
    return refuse('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (/^224\.0\.0\./.test(address) || /^ff02:/i.test(address)) {
    return refuse('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return [];
}

export function validateEndpointSliceUpdate(next: EndpointSlice, previous: EndpointSlice): FieldError[] {
  return immutable('addressType', next.addressType, previous.addressType);
}
