// Whether one pod may reach another, and which NetworkPolicies say so.

export interface ReachQuestion {
  readonly from: { readonly namespace: string; readonly pod: string };
  readonly to: { readonly namespace: string; readonly pod: string };
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

/** One direction. Without policies on the pod everything is allowed; with them, what any of them allows. */
export interface ReachVerdict {
  readonly allowed: boolean;
  readonly policies: readonly { readonly namespace: string; readonly name: string; readonly allows: boolean }[];
}

export interface ReachAnswer {
  readonly allowed: boolean;
  readonly egress: ReachVerdict;
  readonly ingress: ReachVerdict;
}
