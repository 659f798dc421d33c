// Pointers at objects, and at parts of them.
import { boolean, define, quantity, required, string } from '../../schema/vocabulary.ts';

export class LocalObjectReference extends define(
  'io.k8s.api.core.v1.LocalObjectReference',
  {
    name: string,
  },
  { atomic: true },
) {}

export class ObjectFieldSelector extends define(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  {
    apiVersion: string,
    fieldPath: required(string),
  },
  { atomic: true, defaults: { apiVersion: 'v1' } },
) {}

export class ObjectReference extends define(
  'io.k8s.api.core.v1.ObjectReference',
  {
    apiVersion: string,
    fieldPath: string,
    kind: string,
    name: string,
    namespace: string,
    resourceVersion: string,
    uid: string,
  },
  { atomic: true },
) {}

export class ResourceFieldSelector extends define(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  {
    containerName: string,
    divisor: quantity,
    resource: required(string),
  },
  { atomic: true },
) {}

export class SecretKeySelector extends define(
  'io.k8s.api.core.v1.SecretKeySelector',
  {
    key: required(string),
    name: string,
    optional: boolean,
  },
  { atomic: true },
) {}

export class TypedLocalObjectReference extends define(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  {
    apiGroup: string,
    kind: required(string),
    name: required(string),
  },
  { atomic: true },
) {}
