// Validating policies as clients meet them: denied, warned, with parameters, variables and authorization.
import { describe, expect, it } from 'vitest';
import {
  call,
  configMap,
  configMaps,
  eventually,
  fresh,
  labelled,
  only,
  policy,
  root,
  rules,
  useServer,
  type Answer,
} from './policy-fixture.ts';

useServer();

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
