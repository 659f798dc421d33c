// IPAddress: an address that a service was given; makes sure that it is given once.
import { define, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { ipAddressPrinter } from '../printing/network-printers.ts';
import { checkAddressName, validateIpAddressUpdate } from './rules/address-rules.ts';

export class ParentReference extends define('io.k8s.api.networking.v1.ParentReference', {
  group: string,
  name: required(string),
  namespace: string,
  resource: required(string),
}) {}

export class IPAddressSpec extends define('io.k8s.api.networking.v1.IPAddressSpec', {
  parentRef: required(ParentReference),
}) {}

export class IPAddress extends kind('io.k8s.api.networking.v1.IPAddress', {
  spec: required(IPAddressSpec),
}) {}

export const ipAddresses: ResourceDefinition<IPAddress> = resource(IPAddress, {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  namespaced: false,
  printer: ipAddressPrinter,
  nameRule: checkAddressName,
  validateUpdate: validateIpAddressUpdate,
});
