// Whether a user may do something: a chain of authorizers, the first that allows wins, the first that denies ends it.
import type { User } from '../authentication/user.ts';

/** What is to be done. */
export interface Attributes {
  readonly user: User;
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** For non-resource requests. */
  readonly path: string;
}

/** The answer; `denied` stops the chain, neither means "no opinion". */
export interface Decision {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason: string;
}

/** Judges requests. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}

export const noOpinion: Decision = { allowed: false, reason: '' };

/** Chains authorizers. Stays synchronous while its links are. */
export function chainAuthorizers(authorizers: readonly Authorizer[]): Authorizer {
  const from = (index: number, attributes: Attributes, reasons: string): Decision | Promise<Decision> => {
    const authorizer = authorizers[index];
    if (authorizer === undefined) return { allowed: false, reason: reasons };
    const judge = (decision: Decision): Decision | Promise<Decision> => {
      if (decision.allowed || decision.denied === true) return decision;
      return from(index + 1, attributes, [reasons, decision.reason].filter((reason) => reason !== '').join('; '));
    };
    const decision = authorizer.authorize(attributes);
    return decision instanceof Promise ? decision.then(judge) : judge(decision);
  };
  return { authorize: (attributes) => from(0, attributes, '') };
}

/** Members of system:masters may do everything. */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ user }) => (user.groups.includes('system:masters') ? { allowed: true, reason: '' } : noOpinion),
};

/** Health and version answer to everybody, so that load balancers and probes need no credentials. */
export const healthAuthorizer: Authorizer = {
  authorize: ({ isResource, path, verb }) =>
    !isResource && verb === 'get' && /^\/(healthz|livez|readyz)(\/|$)|^\/version\/?$/.test(path)
      ? { allowed: true, reason: '' }
      : noOpinion,
};
