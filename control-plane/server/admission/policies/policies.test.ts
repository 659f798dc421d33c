// Admission policies as clients meet them: denied, warned, mutated, with parameters, variables and authorization.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../fixtures/running-server.ts';

const root = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

interface Answer {
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
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const { status, headers, text } = await running.raw(method, path, { body });
  return { status, warning: headers['warning'] ?? '', value: JSON.parse(text) as Answer['value'] };
}

const configMap = (name: string, data: Record<string, string>, more: object = {}): Promise<Answer> =>
  call('POST', configMaps, { metadata: { name, ...more }, data });

const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }];
/** Every policy is for objects with its own label, so that tests do not meet each other. */
const only = (name: string): object => ({ resourceRules: rules, objectSelector: { matchLabels: { policy: name } } });

async function policy(name: string, spec: object, binding: object = {}): Promise<void> {
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

const labelled = (name: string): object => ({ labels: { policy: name } });

/** Policies take effect when the watch has brought them. */
async function eventually(attempt: () => Promise<Answer>, isDone: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await attempt();
    if (isDone(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let drawn = 0;
const fresh = (): string => `object-${++drawn}`;

describe('a validating policy', () => {
  it('denies with its message, reason and name', async () => {
    await policy('small', {
      validations: [
        {
          expression: 'object.data.size() <= 1',
          messageExpression: "'has ' + string(object.data.size()) + ' entries'",
        },
      ],
    });
    const denied = await eventually(
      () => configMap(fresh(), { a: '1', b: '2' }, labelled('small')),
      ({ status }) => status !== 201,
    );
    expect(denied.status).toBe(422);
    expect(denied.value.message).toMatch(
      /^configmaps "object-\d+" is forbidden: ValidatingAdmissionPolicy 'small' with binding 'small' denied request: has 2 entries$/,
    );
    expect(denied.value.reason).toBe('Invalid');
    expect((await configMap(fresh(), { a: '1' }, labelled('small'))).status).toBe(201);
    expect((await configMap(fresh(), { a: '1', b: '2' })).status).toBe(201);
  });

  it('warns instead where its binding says so', async () => {
    await policy(
      'gentle',
      { validations: [{ expression: 'false', message: 'please do not' }] },
      { validationActions: ['Warn', 'Audit'] },
    );
    const { status, warning } = await eventually(
      () => configMap(fresh(), {}, labelled('gentle')),
      (answer) => answer.warning !== '',
    );
    expect(status).toBe(201);
    expect(warning).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'gentle' with binding 'gentle': please do not",
    );
  });

  it('reads variables, the old object, the request and the namespace', async () => {
    await policy('facts', {
      variables: [
        { name: 'old', expression: 'oldObject != null ? int(oldObject.data.count) : 0' },
        { name: 'next', expression: 'int(object.data.count)' },
      ],
      matchConditions: [
        { name: 'by people', expression: "!request.userInfo.username.startsWith('system:serviceaccount:')" },
      ],
      validations: [
        { expression: 'variables.next >= variables.old', message: 'counts only grow', reason: 'Forbidden' },
        {
          expression: "namespaceObject.metadata.name == request.namespace && request.operation in ['CREATE', 'UPDATE']",
        },
      ],
    });
    const name = fresh();
    expect((await configMap(name, { count: '2' }, labelled('facts'))).status).toBe(201);
    const shrink = { metadata: { name, ...labelled('facts') }, data: { count: '1' } };
    const denied = await eventually(
      () => call('PUT', `${configMaps}/${name}`, shrink),
      ({ status }) => status !== 200,
    );
    expect(denied.status).toBe(403);
    expect(denied.value.message).toContain('counts only grow');
  });

  it('judges by parameters that its binding names', async () => {
    expect((await configMap('limits', { most: '3' })).status).toBe(201);
    await policy(
      'limited',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [{ expression: 'object.data.size() <= int(params.data.most)' }],
      },
      { paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' } },
    );
    const four = { a: '', b: '', c: '', d: '' };
    const denied = await eventually(
      () => configMap(fresh(), four, labelled('limited')),
      ({ status }) => status !== 201,
    );
    expect(denied.value.message).toContain('failed expression: object.data.size() <= int(params.data.most)');
    expect((await configMap(fresh(), { a: '' }, labelled('limited'))).status).toBe(201);
    expect((await call('DELETE', `${configMaps}/limits`)).status).toBe(200);
    const lost = await eventually(
      () => configMap(fresh(), {}, labelled('limited')),
      ({ status }) => status !== 201,
    );
    expect(lost.value.message).toContain('no params found');
  });

  it('asks the authorizer', async () => {
    await policy('rights', {
      validations: [
        {
          expression:
            "authorizer.group('').resource('secrets').namespace('default').check('get').allowed() && authorizer.requestResource.check('delete').allowed()",
        },
        {
          expression:
            "!authorizer.serviceAccount('default', 'nobody').group('').resource('secrets').check('get').allowed()",
          message: 'nobody may read secrets',
        },
        { expression: "object.metadata.name != 'never'", message: 'this one is known' },
      ],
    });
    const denied = await eventually(
      () => configMap('never', {}, labelled('rights')),
      ({ status }) => status !== 201 && status !== 409,
    );
    expect(denied.value.message).toContain('this one is known');
  });

  it('fails closed when it cannot be evaluated, unless it says otherwise', async () => {
    await policy('strict', { validations: [{ expression: "object.data.missing == 'x'" }] });
    const denied = await eventually(
      () => configMap(fresh(), {}, labelled('strict')),
      ({ status }) => status !== 201,
    );
    expect(denied.value.message).toContain("expression 'object.data.missing == 'x'' resulted in error: no such key");
    await policy('lax', {
      failurePolicy: 'Ignore',
      validations: [{ expression: "object.data.missing == 'x'" }, { expression: '!has(object.data.stop)' }],
    });
    await eventually(
      () => configMap(fresh(), { stop: '' }, labelled('lax')),
      ({ status }) => status !== 201,
    );
    expect((await configMap(fresh(), {}, labelled('lax'))).status).toBe(201);
  });

  it('judges deletions by the object that is there', async () => {
    await policy('kept', {
      matchConstraints: {
        resourceRules: [{ ...rules[0], operations: ['DELETE'] }],
        objectSelector: { matchLabels: { policy: 'kept' } },
      },
      validations: [
        {
          expression: "object == null && oldObject.data.keep != 'yes'",
          message: 'it is to be kept',
          reason: 'Forbidden',
        },
      ],
    });
    const name = fresh();
    expect((await configMap(name, { keep: 'yes' }, labelled('kept'))).status).toBe(201);
    const denied = await eventually(
      async () => {
        const answer = await call('DELETE', `${configMaps}/${name}`);
        if (answer.status === 200) await configMap(name, { keep: 'yes' }, labelled('kept'));
        return answer;
      },
      ({ status }) => status !== 200,
    );
    expect(denied.status).toBe(403);
    expect(denied.value.message).toContain('it is to be kept');
    const loose = fresh();
    await configMap(loose, { keep: 'no' }, labelled('kept'));
    expect((await call('DELETE', `${configMaps}/${loose}`)).status).toBe(200);
  });

  it('is cut when it costs too much', async () => {
    await policy('greedy', {
      validations: [{ expression: 'lists.range(5000).all(a, lists.range(5000).all(b, a + b >= 0))' }],
    });
    const denied = await eventually(
      () => configMap(fresh(), {}, labelled('greedy')),
      ({ status }) => status !== 201,
    );
    expect(denied.value.message).toContain('actual cost limit exceeded');
  });

  it('judges equivalent versions in the one that it names', async () => {
    await policy('scaled', {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['autoscaling'],
            apiVersions: ['v2'],
            operations: ['CREATE'],
            resources: ['horizontalpodautoscalers'],
          },
        ],
      },
      validations: [
        { expression: 'has(object.spec.metrics) && object.spec.metrics.size() == 1', message: 'one metric' },
      ],
    });
    const autoscaler = (name: string, more: object): Promise<Answer> =>
      call('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
        metadata: { name },
        spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, ...more },
      });
    const annotated = JSON.stringify([
      { type: 'Resource', resource: { name: 'memory', targetAverageUtilization: 50 } },
    ]);
    const denied = await eventually(
      () =>
        call('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
          metadata: { name: fresh(), annotations: { 'autoscaling.alpha.kubernetes.io/metrics': annotated } },
          spec: {
            maxReplicas: 3,
            targetCPUUtilizationPercentage: 50,
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
          },
        }),
      ({ status }) => status !== 201,
    );
    expect(denied.value.message).toContain('one metric');
    expect((await autoscaler(fresh(), { targetCPUUtilizationPercentage: 50 })).status).toBe(201);
  });

  it('is refused with the place of the fault when it does not compile', async () => {
    const { status, value } = await call('POST', `${root}/validatingadmissionpolicies`, {
      metadata: { name: 'broken' },
      spec: {
        matchConstraints: only('broken'),
        validations: [{ expression: 'object.x +' }, { expression: '1 + 1' }, { expression: 'params.a == 1' }],
      },
    });
    expect(status).toBe(422);
    expect(value.message).toContain(
      'spec.validations[0].expression: Invalid value: "object.x +": compilation failed: ERROR: <input>:1:11: Syntax error',
    );
    expect(value.message).toContain('spec.validations[1].expression: Invalid value: "1 + 1": must evaluate to bool');
    expect(value.message).toContain("undeclared reference to 'params'");
  });

  it('is type-checked against the kinds it is for', async () => {
    await policy('typed', {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }],
      },
      validations: [{ expression: "object.spec.replicas > '1'", messageExpression: "'got ' + object.spec.replicas" }],
    });
    const { value } = await eventually(
      () => call('GET', `${root}/validatingadmissionpolicies/typed`),
      (answer) => (answer.value.status as { typeChecking?: unknown } | undefined)?.typeChecking !== undefined,
    );
    expect(value.status).toMatchObject({
      observedGeneration: 1,
      typeChecking: {
        expressionWarnings: [
          {
            fieldRef: 'spec.validations[0].expression',
            warning: expect.stringContaining(
              "found no matching overload for '_>_' applied to '(int, string)'",
            ) as string,
          },
          {
            fieldRef: 'spec.validations[0].messageExpression',
            warning: expect.stringContaining("applied to '(string, int)'") as string,
          },
        ],
      },
    });
  });
});

describe('a mutating policy', () => {
  async function mutating(name: string, mutations: object[], more: object = {}): Promise<void> {
    const made = await call('POST', `${root}/mutatingadmissionpolicies`, {
      metadata: { name },
      spec: { matchConstraints: only(name), reinvocationPolicy: 'Never', mutations, ...more },
    });
    expect(made.value.message).toBeUndefined();
    expect(
      (
        await call('POST', `${root}/mutatingadmissionpolicybindings`, {
          metadata: { name },
          spec: { policyName: name },
        })
      ).status,
    ).toBe(201);
  }

  it('applies a configuration', async () => {
    await mutating('stamp', [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: "Object{metadata: Object.metadata{annotations: {'by': request.userInfo.username}}}",
        },
      },
    ]);
    const { value } = await eventually(
      () => configMap(fresh(), { a: '1' }, { ...labelled('stamp'), annotations: { own: 'kept' } }),
      (answer) => answer.value.metadata.annotations?.['by'] !== undefined,
    );
    expect(value.metadata.annotations).toEqual({ own: 'kept', by: 'kubernetes-admin' });
    expect(value.data).toEqual({ a: '1' });
  });

  it('applies a JSON patch that its expression makes, with escaped keys', async () => {
    await mutating('patch', [
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression:
            "[JSONPatch{op: 'test', path: '/data/a', value: '1'}, JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/size'), value: string(object.data.size())}]",
        },
      },
    ]);
    const { value } = await eventually(
      () => configMap(fresh(), { a: '1' }, labelled('patch')),
      (answer) => answer.value.metadata.labels?.['example.com/size'] !== undefined,
    );
    expect(value.metadata.labels).toEqual({ policy: 'patch', 'example.com/size': '1' });
    const denied = await configMap(fresh(), { a: '2' }, labelled('patch'));
    expect(denied.status).toBe(403);
    expect(denied.value.message).toContain("policy 'patch' with binding 'patch' denied request");
  });

  it('may not change what the object is', async () => {
    await mutating('rename', [
      {
        patchType: 'JSONPatch',
        jsonPatch: { expression: "[JSONPatch{op: 'replace', path: '/metadata/name', value: 'other'}]" },
      },
    ]);
    const denied = await eventually(
      () => configMap(fresh(), {}, labelled('rename')),
      ({ status }) => status !== 201,
    );
    expect(denied.value.message).toContain('metadata.name and metadata.namespace must not be changed');
  });

  it('is refused when its expression makes something else', async () => {
    const { status, value } = await call('POST', `${root}/mutatingadmissionpolicies`, {
      metadata: { name: 'wrong' },
      spec: {
        matchConstraints: only('wrong'),
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: "{'a': 1}" } }],
      },
    });
    expect(status).toBe(422);
    expect(value.message).toContain('must evaluate to Object');
  });
});
