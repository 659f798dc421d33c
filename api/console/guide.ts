// The first hour with a new cluster: what to do, and what of it is done, by what the cluster itself shows.

export const guideSteps = ['machines', 'deployment', 'address', 'change', 'undo', 'backups', 'alerts'] as const;
export type GuideStep = (typeof guideSteps)[number];

export interface GuideView {
  /** The cluster is young: older ones need no guide. */
  readonly isFresh: boolean;
  /** What this cluster can have of the steps, in order. */
  readonly steps: readonly { readonly id: GuideStep; readonly isDone: boolean }[];
}
