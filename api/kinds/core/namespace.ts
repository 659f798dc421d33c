// Namespace: a name space of its own: names are unique within it, and access and quotas are given for it.
import { atomicList, define, keyedList, oneOf, present, required, string, time } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { checkDnsLabel } from '../../meta/names.ts';
import { namespacePrinter } from '../printing/core-printers.ts';

export class NamespaceSpec extends define('io.k8s.api.core.v1.NamespaceSpec', {
  finalizers: atomicList(string),
}) {}

export class NamespaceCondition extends define('io.k8s.api.core.v1.NamespaceCondition', {
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class NamespaceStatus extends define(
  'io.k8s.api.core.v1.NamespaceStatus',
  {
    conditions: keyedList(NamespaceCondition, 'type'),
    phase: oneOf('Active', 'Terminating'),
  },
  {
    defaults: { phase: 'Active' },
  },
) {}

export class Namespace extends kind(
  'io.k8s.api.core.v1.Namespace',
  {
    spec: present(NamespaceSpec),
    status: NamespaceStatus,
  },
  {
    defaults: { status: () => ({}) },
    fill({ metadata }) {
      if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
    },
  },
) {}

export const namespaces: ResourceDefinition<Namespace> = resource(Namespace, {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: { finalize: { verbs: ['update'] }, status },
  nameRule: checkDnsLabel,
  prepareForCreate({ spec }) {
    spec.finalizers = [...new Set([...(spec.finalizers ?? []), 'kubernetes'])];
  },
  prepareForUpdate(next, previous) {
    next.spec.finalizers = previous.spec.finalizers;
    if (next.spec.finalizers === undefined) delete next.spec.finalizers;
  },
  selectableFields({ metadata, status }) {
    return {
      name: metadata.name,
      'status.phase': status?.phase ?? '',
    };
  },
  printer: namespacePrinter,
});
