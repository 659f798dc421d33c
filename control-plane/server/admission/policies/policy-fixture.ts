// For tests: a running server, and how tests write policies and the objects that they judge.
import { afterAll, beforeAll, expect } from 'vitest';
import { startServer, type RunningServer } from '../../fixtures/running-server.ts';

export const root = '/apis/admissionregistration.k8s.io/v1';
export const configMaps = '/api/v1/namespaces/default/configmaps';

/** An answer of the server, as far as tests look at it. */
export interface Answer {
  readonly status: number;
  readonly warning: string;
  readonly value: {
    readonly message?: string;
    readonly reason?: string;
    readonly data?: Record<string, string>;
    readonly metadata: {
      readonly name: string;
      readonly labels?: Record<string, string>;
      readonly annotations?: Record<string, string>;
    };
    readonly status?: unknown;
  };
}

let running: RunningServer;

/** Starts a server for the tests of a file. */
export function useServer(): void {
  beforeAll(async () => {
    running = await startServer();
  });
  afterAll(() => running.close());
}

/** Calls the server as its administrator. */
export async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const { status, headers, text } = await running.raw(method, path, { body });
  return { status, warning: headers['warning'] ?? '', value: JSON.parse(text) as Answer['value'] };
}

/** Creates a config map. */
export const configMap = (name: string, data: Record<string, string>, more: object = {}): Promise<Answer> =>
  call('POST', configMaps, { metadata: { name, ...more }, data });

/** Creations and updates of config maps. */
export const rules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
];
/** Every policy is for objects with its own label, so that tests do not meet each other. */
export const only = (name: string): object => ({
  resourceRules: rules,
  objectSelector: { matchLabels: { policy: name } },
});

/** Writes a validating policy and its binding. */
export async function policy(name: string, spec: object, binding: object = {}): Promise<void> {
  const made = await call('POST', `${root}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: { matchConstraints: only(name), ...spec },
  });
  expect(made.value.message).toBeUndefined();
  const bound = await call('POST', `${root}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  });
  expect(bound.value.message).toBeUndefined();
}

/** The label that `only` selects. */
export const labelled = (name: string): object => ({ labels: { policy: name } });

/** Policies take effect when the watch has brought them. */
export async function eventually(attempt: () => Promise<Answer>, isDone: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await attempt();
    if (isDone(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let drawn = 0;
/** A name that no other test uses. */
export const fresh = (): string => `object-${++drawn}`;
