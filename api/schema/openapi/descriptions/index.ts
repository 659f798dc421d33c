// What the most used types and fields mean, for `kubectl explain`.
import type { Descriptions } from '../definition-schemas.ts';
import { containerWords } from './containers.data.ts';
import { configurationWords } from './configuration.data.ts';
import { accessWords } from './access.data.ts';
import { metaWords } from './meta.data.ts';
import { networkWords } from './network.data.ts';
import { nodeWords } from './nodes.data.ts';
import { podWords } from './pods.data.ts';
import { storageWords } from './storage.data.ts';
import { workloadWords } from './workloads.data.ts';

/** Type → field → sentence; `''` is the type itself. */
export type TypeWords = Readonly<Record<string, Readonly<Record<string, string>>>>;

const groups: readonly [prefix: string, words: TypeWords][] = [
  ['io.k8s.api.core.v1', containerWords],
  ['io.k8s.api.core.v1', podWords],
  ['io.k8s.api.core.v1', nodeWords],
  ['io.k8s.api.core.v1', configurationWords],
  ['io.k8s.api.core.v1', storageWords.core],
  ['io.k8s.api.core.v1', networkWords.core],
  ['io.k8s.api.storage.v1', storageWords.storage],
  ['io.k8s.api.networking.v1', networkWords.networking],
  ['io.k8s.api.discovery.v1', networkWords.discovery],
  ['io.k8s.api.apps.v1', workloadWords.apps],
  ['io.k8s.api.batch.v1', workloadWords.batch],
  ['io.k8s.api.autoscaling.v2', workloadWords.autoscaling],
  ['io.k8s.api.policy.v1', workloadWords.policy],
  ['io.k8s.api.scheduling.v1', workloadWords.scheduling],
  ['io.k8s.api.rbac.v1', accessWords.rbac],
  ['io.k8s.api.coordination.v1', accessWords.coordination],
  ['io.k8s.api.certificates.v1', accessWords.certificates],
  ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1', accessWords.apiextensions],
  ['io.k8s.apimachinery.pkg.apis.meta.v1', metaWords],
];

/** The words by the definitions' full names. */
export const descriptions: Descriptions = Object.fromEntries(
  groups.flatMap(([prefix, words]) => Object.entries(words).map(([type, fields]) => [`${prefix}.${type}`, fields])),
);
