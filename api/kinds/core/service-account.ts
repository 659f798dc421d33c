// ServiceAccount: an identity for what runs in pods.
import { atomicList, boolean, keyedList } from '../../schema/vocabulary.ts';
import { LocalObjectReference, ObjectReference } from './reference.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { agePrinter } from '../printing/core-printers.ts';

export class ServiceAccount extends kind('io.k8s.api.core.v1.ServiceAccount', {
  automountServiceAccountToken: boolean,
  imagePullSecrets: atomicList(LocalObjectReference),
  secrets: keyedList(ObjectReference, 'name'),
}) {}

export const serviceAccounts: ResourceDefinition<ServiceAccount> = resource(ServiceAccount, {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  subresources: { token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] } },
  printer: agePrinter,
});
