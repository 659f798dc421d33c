// PodTemplateSpec: what the pods of a workload look like.
import { define, present } from '../../schema/vocabulary.ts';
import { PodSpec } from './pod-spec.ts';
import { templateMeta } from '../meta/object-meta.ts';

export class PodTemplateSpec extends define('io.k8s.api.core.v1.PodTemplateSpec', {
  metadata: present(templateMeta),
  spec: present(PodSpec),
}) {}
