// Who may do what in a cluster, and why; and letting a colleague in.

export interface SubjectView {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  readonly namespace?: string;
}

/** One way a subject gets a permission: through which binding and role, and where it holds. */
export interface Grant {
  readonly subject: SubjectView;
  readonly binding: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly role: { readonly kind: string; readonly name: string };
  /** Absent: in the whole cluster. */
  readonly namespace?: string;
  /** Only these objects, when the rule names some. */
  readonly names: readonly string[];
}

export interface AccessQuestion {
  readonly verb: string;
  /** Plural, `pods` or `pods/exec`. */
  readonly resource: string;
  readonly group: string;
  readonly namespace?: string;
}

export interface AccessAnswer {
  readonly grants: readonly Grant[];
  /** Bindings to roles that do not exist. */
  readonly dangling: readonly string[];
}

export interface ColleagueWish {
  readonly name: string;
  readonly role: string;
  /** Absent: in the whole cluster. */
  readonly namespace?: string;
  readonly days: number;
}

export interface ColleagueKubeconfig {
  readonly kubeconfig: string;
  readonly expiresAt: number;
}
