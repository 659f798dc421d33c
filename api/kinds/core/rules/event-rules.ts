// Rules of events: they live where the object lives that they are about.
import { invalidValue, type FieldError } from '../../../schema/field-error.ts';
import type { Event } from '../event.ts';

/** Checks an event. Events about cluster-wide objects live in `default` or `kube-system`. */
export function validateEvent({ involvedObject, metadata }: Event): FieldError[] {
  const { namespace = '' } = metadata;
  const about = involvedObject.namespace ?? '';
  const fits =
    about === '' ? namespace === '' || namespace === 'default' || namespace === 'kube-system' : namespace === about;
  return fits ? [] : [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
}
