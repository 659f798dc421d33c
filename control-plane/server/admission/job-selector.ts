// A Job selects its pods by its own uid, unless its author chose the selector by hand.
import type { Job } from '../../../api/kinds/batch/index.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Gives new Jobs their selector and the labels that go with it; the uid is known only here. */
export const jobSelector: AdmissionPlugin = {
  name: 'JobSelector',
  concerns: ({ operation, definition, subresource }) =>
    operation === 'CREATE' && subresource === '' && definition.group === 'batch' && definition.plural === 'jobs',
  mutate({ object }) {
    const { spec, metadata } = object as Job;
    if (spec.manualSelector === true) return;
    const uid = { 'batch.kubernetes.io/controller-uid': metadata.uid };
    const names = {
      'controller-uid': metadata.uid,
      'batch.kubernetes.io/job-name': metadata.name,
      'job-name': metadata.name,
    };
    spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, ...uid } };
    spec.template.metadata = {
      ...spec.template.metadata,
      labels: { ...spec.template.metadata?.labels, ...uid, ...names },
    };
  },
};
