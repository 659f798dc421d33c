// PodTemplate: a template of pods, kept as an object.
import { PodTemplateSpec } from './pod-template-spec.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { podTemplatePrinter } from '../printing/pod-printer.ts';
import { validatePodTemplate } from './rules/pod-rules.ts';

export class PodTemplate extends kind('io.k8s.api.core.v1.PodTemplate', {
  template: PodTemplateSpec,
}) {}

export const podTemplates: ResourceDefinition<PodTemplate> = resource(PodTemplate, {
  group: '',
  version: 'v1',
  plural: 'podtemplates',
  namespaced: true,
  printer: podTemplatePrinter,
  validate: ({ template }) => (template === undefined ? [] : validatePodTemplate(template, 'template')),
});
