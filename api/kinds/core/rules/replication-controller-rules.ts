// Rules of replication controllers.
import { matchesLabelSelector } from '../../../meta/selectors.ts';
import { invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import type { ReplicationController } from '../replication-controller.ts';
import { nonNegative } from './checks.ts';
import { validateServiceTemplate } from './pod-rules.ts';

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const { minReadySeconds, replicas, selector = {}, template } = spec;
  const errors = [...nonNegative('spec.replicas', replicas), ...nonNegative('spec.minReadySeconds', minReadySeconds)];
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
  if (template === undefined) return [...errors, required('spec.template')];
  const { labels } = template.metadata;
  if (!matchesLabelSelector({ matchLabels: selector }, labels)) {
    errors.push(
      invalidValue('spec.template.metadata.labels', labels ?? {}, '`selector` does not match template `labels`'),
    );
  }
  return [...errors, ...validateServiceTemplate(template, 'spec.template')];
}
