// ServiceCIDR: a range of addresses for services.
import { atomicList, define, keyedList, present, string } from '../../schema/vocabulary.ts';
import { Condition } from '../meta/condition.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { serviceCidrPrinter } from '../printing/network-printers.ts';
import { validateServiceCidr, validateServiceCidrUpdate } from './rules/address-rules.ts';

export class ServiceCIDRSpec extends define('io.k8s.api.networking.v1.ServiceCIDRSpec', {
  cidrs: atomicList(string),
}) {}

export class ServiceCIDRStatus extends define('io.k8s.api.networking.v1.ServiceCIDRStatus', {
  conditions: keyedList(Condition, 'type'),
}) {}

export class ServiceCIDR extends kind('io.k8s.api.networking.v1.ServiceCIDR', {
  spec: present(ServiceCIDRSpec),
  status: ServiceCIDRStatus,
}) {}

export const serviceCidrs: ResourceDefinition<ServiceCIDR> = resource(ServiceCIDR, {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'servicecidrs',
  namespaced: false,
  subresources: { status },
  printer: serviceCidrPrinter,
  validate: validateServiceCidr,
  validateUpdate: validateServiceCidrUpdate,
});
