// Mutating policies as clients meet them: configurations applied, patches made, and what they may not do.
import { describe, expect, it } from 'vitest';
import { call, configMap, eventually, fresh, labelled, only, root, useServer } from './policy-fixture.ts';

useServer();

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
