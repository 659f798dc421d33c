// IngressClass: which controller serves ingresses of this class.
import { define, present, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { ingressClassPrinter } from '../printing/network-printers.ts';
import { validateIngressClass, validateIngressClassUpdate } from './rules/ingress-rules.ts';

export class IngressClassParametersReference extends define(
  'io.k8s.api.networking.v1.IngressClassParametersReference',
  {
    apiGroup: string,
    kind: required(string),
    name: required(string),
    namespace: string,
    scope: string,
  },
  {
    defaults: { scope: 'Cluster' },
  },
) {}

export class IngressClassSpec extends define('io.k8s.api.networking.v1.IngressClassSpec', {
  controller: string,
  parameters: IngressClassParametersReference,
}) {}

export class IngressClass extends kind('io.k8s.api.networking.v1.IngressClass', {
  spec: present(IngressClassSpec),
}) {}

export const ingressClasses: ResourceDefinition<IngressClass> = resource(IngressClass, {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingressclasses',
  namespaced: false,
  printer: ingressClassPrinter,
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
});
