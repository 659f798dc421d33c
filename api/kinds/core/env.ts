// Environment variables of containers, and where their values come from.
import { boolean, define, required, string } from '../../schema/vocabulary.ts';
import { ObjectFieldSelector, ResourceFieldSelector, SecretKeySelector } from './reference.ts';

export class ConfigMapEnvSource extends define('io.k8s.api.core.v1.ConfigMapEnvSource', {
  name: string,
  optional: boolean,
}) {}

export class ConfigMapKeySelector extends define(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  {
    key: required(string),
    name: string,
    optional: boolean,
  },
  { atomic: true },
) {}

export class SecretEnvSource extends define('io.k8s.api.core.v1.SecretEnvSource', {
  name: string,
  optional: boolean,
}) {}

export class EnvFromSource extends define('io.k8s.api.core.v1.EnvFromSource', {
  configMapRef: ConfigMapEnvSource,
  prefix: string,
  secretRef: SecretEnvSource,
}) {}

export class FileKeySelector extends define(
  'io.k8s.api.core.v1.FileKeySelector',
  {
    key: required(string),
    optional: boolean,
    path: required(string),
    volumeName: required(string),
  },
  { atomic: true },
) {}

export class EnvVarSource extends define('io.k8s.api.core.v1.EnvVarSource', {
  configMapKeyRef: ConfigMapKeySelector,
  fieldRef: ObjectFieldSelector,
  fileKeyRef: FileKeySelector,
  resourceFieldRef: ResourceFieldSelector,
  secretKeyRef: SecretKeySelector,
}) {}

export class EnvVar extends define('io.k8s.api.core.v1.EnvVar', {
  name: required(string),
  value: string,
  valueFrom: EnvVarSource,
}) {}
