// Any kind that a cluster serves: which there are, their tables as the server prints them, and one object of any kind.
import type { ObjectRef, Tone } from './rows.ts';

/** A kind as discovery tells it. */
export interface KindView {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  /** Not one of Kubernetes' own groups. */
  readonly custom: boolean;
}

export interface TableColumnView {
  readonly name: string;
  readonly type: 'text' | 'number' | 'age';
  /** Left out until asked for, as `kubectl get -o wide` does. */
  readonly wide: boolean;
  readonly description: string;
}

export type TableCell = string | number | boolean | null;

export interface TableRowView {
  readonly uid: string;
  readonly namespace?: string;
  readonly name: string;
  readonly cells: readonly TableCell[];
  readonly createdAt: number;
  readonly deleting: boolean;
}

/** One page of a table: sorted and filtered by the services, which hold the whole. */
export interface TablePage {
  readonly columns: readonly TableColumnView[];
  readonly rows: readonly TableRowView[];
  readonly offset: number;
  /** Rows that match the search, and all rows. */
  readonly matching: number;
  readonly total: number;
}

/** What a page asks for; `column` is an index into the columns. */
export interface TableWindow {
  readonly offset: number;
  readonly limit: number;
  readonly search?: string;
  readonly sort?: { readonly column: number; readonly descending: boolean };
}

export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: number;
}

/** What can be done to an object beyond editing and deleting it. */
export type ObjectAction = 'scale' | 'restart' | 'suspend' | 'resume' | 'trigger' | 'rollback';

export interface ObjectDetail {
  readonly object: ObjectRef;
  readonly uid: string;
  readonly createdAt: number;
  readonly deletingSince?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly conditions: readonly ConditionView[];
  /** The columns of the server's own table, as words. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly actions: readonly ObjectAction[];
  readonly replicas?: number;
  /** The pods it owns, when it owns pods. */
  readonly podOwner?: { readonly kind: string; readonly name: string };
}

/** Things that belong together, as a graph of columns: from owner or source on the left to pods on the right. */
export interface RelationGraph {
  readonly nodes: readonly RelationNode[];
  readonly edges: readonly RelationEdge[];
  /** Parts that could not be read, in the server's words. */
  readonly gaps: readonly string[];
}

export interface RelationNode {
  readonly id: string;
  readonly object: ObjectRef;
  readonly column: number;
  readonly tone: Tone;
  readonly word: string;
  /** The object that was asked about. */
  readonly self: boolean;
}

export interface RelationEdge {
  readonly from: string;
  readonly to: string;
  readonly relation: 'owns' | 'uses' | 'selects' | 'routes' | 'runsOn' | 'binds' | 'scales';
}

/** A kept revision of a StatefulSet or DaemonSet. */
export interface ControllerRevisionView {
  readonly revision: number;
  readonly name: string;
  readonly current: boolean;
  readonly images: readonly string[];
  readonly createdAt: number;
}
