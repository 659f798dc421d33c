// Runs a write between its admission and its undo list.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { AdmissionRequest, Operation } from '../admission/admission.ts';
import type { WriteContext } from './resource-request.ts';

/** An admission request and the means to undo what its steps took. */
export interface Admitting {
  readonly request: AdmissionRequest;
  undo(): void;
  /** The write has landed. */
  landed(): void;
}

/** What differs between the writes of one resource. */
export interface AdmissionFacts {
  readonly operation: Operation;
  readonly object: KubernetesObject | undefined;
  readonly previous?: Readonly<KubernetesObject>;
  readonly name: string;
  readonly dryRun: boolean;
  readonly subresource?: string;
}

/** Prepares the admission of one write. */
export function admitting(request: WriteContext, facts: AdmissionFacts): Admitting {
  const undos: (() => void)[] = [];
  const followers: (() => void)[] = [];
  return {
    request: {
      operation: facts.operation,
      definition: request.definition,
      subresource: facts.subresource ?? request.info.subresource,
      namespace: request.info.namespace,
      name: facts.name,
      user: request.user,
      dryRun: facts.dryRun,
      object: facts.object,
      previous: facts.previous,
      warnings: request.exchange.warnings,
      annotate(key, value) {
        (request.exchange.auditAnnotations ??= {})[key] = value;
      },
      onFailure: (undo) => undos.push(undo),
      onSuccess: (done) => followers.push(done),
    },
    landed() {
      for (const follow of followers) follow();
    },
    undo() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
