// Words on metadata and selectors.
import type { TypeWords } from './index.ts';

export const metaWords: TypeWords = {
  ObjectMeta: {
    '': 'What every object carries beside what it is about: its name, where it belongs, and who cares for it.',
    name: 'The name, unique among objects of the same kind in the namespace. It cannot change.',
    generateName: 'A beginning for the name; the server adds random letters. Used only when name is empty.',
    namespace: 'The namespace that the object lives in. Empty for cluster-wide kinds. It cannot change.',
    uid: 'An identity that is never used twice, not even for an object of the same name. The server gives it.',
    labels: 'Short facts by which selectors find the object, e.g. app: web.',
    annotations: 'Any other facts, for people and tools. Selectors do not see them.',
    resourceVersion: 'The version of the stored object. An update that carries an old one is refused as a conflict.',
    generation: 'How often what is wanted (the spec) has changed.',
    creationTimestamp: 'CreationTimestamp is a timestamp of when the server made the object.',
    deletionTimestamp: 'When the object was asked to go. It is gone when its finalizers are done.',
    deletionGracePeriodSeconds: 'How long the object may take to end after it was asked to go.',
    finalizers: 'What must happen before the object is really removed. Whoever does it takes its entry away.',
    ownerReferences: 'The objects that this one depends on. When all of them are gone, it is removed too.',
    managedFields: 'Who set which fields, for server-side apply.',
    selfLink: 'No longer used.',
  },
  OwnerReference: {
    '': 'Points from an object to one that it depends on, in the same namespace or cluster-wide.',
    apiVersion: 'The version of the API of the owner.',
    kind: 'The kind of the owner.',
    name: 'The name of the owner.',
    uid: 'The identity of the owner.',
    controller: 'Whether this owner is the one that looks after the object.',
    blockOwnerDeletion: 'Whether a foreground deletion of the owner waits for this object.',
  },
  LabelSelector: {
    '': 'Chooses objects by their labels. All requirements must hold; an empty selector chooses everything.',
    matchLabels: 'Labels that must have exactly these values.',
    matchExpressions: 'Requirements on labels that say more than equality.',
  },
  LabelSelectorRequirement: {
    key: 'The label.',
    operator: 'In, NotIn, Exists or DoesNotExist.',
    values: 'The values for In and NotIn; empty for the others.',
  },
  Condition: {
    '': 'One aspect of the state of an object.',
    type: 'Which aspect, e.g. Ready.',
    status: 'True, False or Unknown.',
    reason: 'Why, in one word for programs.',
    message: 'Why, in a sentence for people.',
    lastTransitionTime: 'When the status last changed.',
    observedGeneration: 'The generation of the object that this was found for.',
  },
};
