// Words on configuration, secrets, accounts and limits.
import type { TypeWords } from './index.ts';

export const configurationWords: TypeWords = {
  ConfigMap: {
    '': 'Configuration for pods, as keys with values. Pods read it as variables or files.',
    data: 'Keys with text.',
    binaryData: 'Keys with bytes, in base64.',
    immutable: 'Whether the data may never change again.',
  },
  Secret: {
    '': 'Like a ConfigMap, for what must not be seen by everybody.',
    data: 'Keys with bytes, in base64.',
    stringData: 'Keys with text, for writing only: the server moves it to data.',
    type: 'What kind of secret it is, e.g. Opaque or kubernetes.io/tls. It cannot change.',
    immutable: 'Whether the data may never change again.',
  },
  ServiceAccount: {
    '': 'An identity for what runs in pods.',
    secrets: 'Secrets that pods of this account may use.',
    imagePullSecrets: 'Credentials for images, for all pods of this account.',
    automountServiceAccountToken: 'Whether pods of this account get its token.',
  },
  LimitRange: { '': 'Limits on single pods, containers and claims of a namespace.', spec: 'The limits.' },
  LimitRangeItem: {
    type: 'What is limited: Container, Pod or PersistentVolumeClaim.',
    max: 'The most that may be asked for.',
    min: 'The least that must be asked for.',
    default: 'The limit of containers that say nothing.',
    defaultRequest: 'The request of containers that say nothing.',
    maxLimitRequestRatio: 'How many times the request the limit may be.',
  },
  ResourceQuota: { '': 'Limits on everything in a namespace together.', spec: 'The limits.', status: 'What is used.' },
  ResourceQuotaSpec: {
    hard: 'The most there may be of each, e.g. pods or requests.cpu.',
    scopes: 'Which objects count.',
    scopeSelector: 'Which objects count, by scope and value.',
  },
  LocalObjectReference: { name: 'The name of an object in the same namespace.' },
  ObjectReference: {
    '': 'Points at an object.',
    apiVersion: 'The version of the API of the object.',
    kind: 'The kind of the object.',
    namespace: 'The namespace of the object.',
    name: 'The name of the object.',
    uid: 'The identity of the object.',
    resourceVersion: 'The version of the object that is meant.',
    fieldPath: 'A part of the object, e.g. spec.containers{web}.',
  },
};
