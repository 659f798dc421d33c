// Admission webhooks: a real HTTPS webhook beside a real server, and the matching by table.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMaps } from '../../../api/kinds/core/index.ts';
import { issueCertificate } from '../../../machinery/pki/index.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';
import { rulesMatch } from './matching.ts';
import type { Webhook } from './webhook.ts';

interface Review {
  readonly request: { readonly uid: string; readonly object: { data?: Record<string, string> } };
}

/** The last review that the hook was asked. */
let lastReview: { readonly request: Record<string, unknown> } | undefined;

describe('webhooks', () => {
  let running: RunningServer;
  let hook: Server;
  let calls = 0;
  beforeAll(async () => {
    running = await startServer();
    const { cert, key } = await issueCertificate(running.ca, {
      commonName: 'hook',
      sans: ['localhost', '127.0.0.1'],
      usages: ['server'],
    });
    hook = createServer({ cert, key }, (request, response) => {
      let text = '';
      request.on('data', (part) => (text += String(part)));
      request.on('end', () => {
        calls++;
        lastReview = JSON.parse(text) as typeof lastReview;
        const { request: asked } = JSON.parse(text) as Review;
        const path = request.url?.split('?')[0];
        // Its client gives up first.
        if (path === '/slow') return;
        const denies =
          path === '/connections' || (path === '/validate' && asked.object.data?.['forbidden'] !== undefined);
        const patch =
          path === '/mutate'
            ? {
                patchType: 'JSONPatch',
                patch: Buffer.from('[{"op":"add","path":"/data/added","value":"yes"}]').toString('base64'),
                warnings: ['mutated'],
              }
            : {};
        const answer = {
          uid: asked.uid,
          allowed: !denies,
          ...(denies ? { status: { message: 'not this one' } } : {}),
          ...patch,
        };
        response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    const { port } = hook.address() as AddressInfo;
    const configuration = (path: string) => ({
      metadata: { name: path.slice(1) },
      webhooks: [
        {
          name: `${path.slice(1)}.example.com`,
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: {
            url: `https://127.0.0.1:${port}${path}`,
            caBundle: Buffer.from(running.ca.cert).toString('base64'),
          },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
          objectSelector: { matchLabels: { hooked: 'yes' } },
          matchConditions: [
            { name: 'not spared', expression: "!has(object.data.spare) || object.data.spare != 'me'" },
            { name: 'by people', expression: "request.userInfo.username != 'nobody'" },
          ],
        },
      ],
    });
    const base = '/apis/admissionregistration.k8s.io/v1';
    expect(
      (await running.raw('POST', `${base}/mutatingwebhookconfigurations`, { body: configuration('/mutate') })).status,
    ).toBe(201);
    expect(
      (await running.raw('POST', `${base}/validatingwebhookconfigurations`, { body: configuration('/validate') }))
        .status,
    ).toBe(201);
  });
  afterAll(async () => {
    hook.close();
    hook.closeAllConnections();
    await running.close();
  });
  const create = (name: string, data: Record<string, string>, labels = { hooked: 'yes' } as Record<string, string>) =>
    running.raw('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name, labels }, data } });

  it('are spared what their match conditions leave out', async () => {
    const before = calls;
    const spared = await create('spared', { spare: 'me', forbidden: '1' });
    expect(JSON.parse(spared.text)).toMatchObject({ data: { spare: 'me', forbidden: '1' } });
    expect(spared.text).not.toContain('added');
    expect(calls).toBe(before);
    expect((await create('called', { spare: 'not' })).text).toContain('added');
    expect(calls).toBe(before + 2);
  });

  /** A validating configuration for one rule, until the test is over. */
  const validating = async (path: string, rule: object, over: object, test: () => Promise<void>): Promise<void> => {
    const { port } = hook.address() as AddressInfo;
    const body = {
      metadata: { name: path.slice(1) },
      webhooks: [
        {
          name: `${path.slice(1)}.example.com`,
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: {
            url: `https://127.0.0.1:${port}${path}`,
            caBundle: Buffer.from(running.ca.cert).toString('base64'),
          },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], ...rule }],
          ...over,
        },
      ],
    };
    const base = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    expect((await running.raw('POST', base, { body })).status).toBe(201);
    try {
      await test();
    } finally {
      await running.raw('DELETE', `${base}/${path.slice(1)}`);
    }
  };

  it('refuse connections, and are told of their options', async () => {
    const rule = { operations: ['CONNECT'], resources: ['pods/attach'] };
    await validating('/connections', rule, {}, async () => {
      const path = '/api/v1/namespaces/default/pods/any/attach?container=c&stdin=true&tty=false';
      const { status, text } = await running.raw('GET', path);
      expect(status).toBe(403);
      expect(text).toContain('connections.example.com');
      expect(lastReview?.request).toMatchObject({
        operation: 'CONNECT',
        name: 'any',
        namespace: 'default',
        kind: { group: '', version: 'v1', kind: 'PodAttachOptions' },
        resource: { group: '', version: 'v1', resource: 'pods' },
        subResource: 'attach',
        object: { kind: 'PodAttachOptions', apiVersion: 'v1', container: 'c', stdin: true },
      });
      // Other connections are not theirs.
      expect((await running.raw('GET', '/api/v1/namespaces/default/pods/any/exec?command=a')).status).toBe(404);
    });
    expect((await running.raw('GET', '/api/v1/namespaces/default/pods/any/attach?dryRun=All')).status).toBe(400);
  });

  it('that do not answer in their time fail the request with a sentence that says so', async () => {
    const rule = { operations: ['CREATE'], resources: ['configmaps'] };
    const selecting = { timeoutSeconds: 1, objectSelector: { matchLabels: { hooked: 'slowly' } } };
    await validating('/slow', rule, selecting, async () => {
      const { status, text } = await create('late', {}, { hooked: 'slowly' });
      expect(status).toBe(500);
      expect(text).toMatch(/slow\?timeout=1s.*context deadline exceeded/);
    });
  });

  it('hear of equivalent versions in the one that they know', async () => {
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: { data: { type: 'object', additionalProperties: { type: 'string' } } },
      },
    };
    const definition = {
      metadata: { name: 'pairs.hooks.example.com' },
      spec: {
        group: 'hooks.example.com',
        scope: 'Namespaced',
        names: { plural: 'pairs', kind: 'Pair' },
        versions: ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema })),
      },
    };
    expect(
      (await running.raw('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition }))
        .status,
    ).toBe(201);
    const base = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
    const mutate = JSON.parse((await running.raw('GET', `${base}/mutate`)).text) as {
      webhooks: { clientConfig: object }[];
    };
    const webhook = {
      name: 'pairs.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: mutate.webhooks[0]?.clientConfig,
      rules: [{ operations: ['CREATE'], apiGroups: ['hooks.example.com'], apiVersions: ['v1'], resources: ['pairs'] }],
    };
    expect(
      (await running.raw('POST', base, { body: { metadata: { name: 'pairs' }, webhooks: [webhook] } })).status,
    ).toBe(201);
    let text = '';
    for (let i = 0; !text.includes('added'); i++) {
      const body = { metadata: { name: `pair-${i}` }, data: { a: 'b' } };
      ({ text } = await running.raw('POST', '/apis/hooks.example.com/v2/namespaces/default/pairs', { body }));
    }
    expect(JSON.parse(text)).toMatchObject({ apiVersion: 'hooks.example.com/v2', data: { a: 'b', added: 'yes' } });
    expect(lastReview?.request).toMatchObject({
      kind: { version: 'v1', kind: 'Pair' },
      requestKind: { version: 'v2', kind: 'Pair' },
      object: { apiVersion: 'hooks.example.com/v1' },
    });
    const exact = { ...webhook, matchPolicy: 'Exact' };
    const current = JSON.parse((await running.raw('GET', `${base}/pairs`)).text) as object;
    expect((await running.raw('PUT', `${base}/pairs`, { body: { ...current, webhooks: [exact] } })).status).toBe(200);
    for (let i = 0; text.includes('added'); i++) {
      const body = { metadata: { name: `exact-${i}` }, data: { a: 'b' } };
      ({ text } = await running.raw('POST', '/apis/hooks.example.com/v2/namespaces/default/pairs', { body }));
    }
    expect(JSON.parse(text)).toMatchObject({ data: { a: 'b' } });
  });

  it('are refused with conditions that do not compile', async () => {
    const webhook = {
      name: 'broken.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      matchConditions: [
        { name: 'one', expression: 'object.' },
        { name: 'one', expression: 'variables.x' },
      ],
    };
    const { status, text } = await running.raw(
      'POST',
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      {
        body: { metadata: { name: 'broken' }, webhooks: [webhook] },
      },
    );
    expect(status).toBe(422);
    expect(text).toContain('webhooks[0].matchConditions[0].expression: Invalid value');
    expect(text).toContain("undeclared reference to 'variables'");
    expect(text).toContain('webhooks[0].matchConditions[1].name: Duplicate value');
  });

  it('change and refuse what they select', async () => {
    const created = await create('changed', { a: 'b' });
    expect(JSON.parse(created.text)).toMatchObject({ data: { a: 'b', added: 'yes' } });
    expect(created.headers['warning']).toContain('mutated');
    const denied = await create('denied', { forbidden: '1' });
    expect(JSON.parse(denied.text)).toMatchObject({
      code: 403,
      message: 'admission webhook "validate.example.com" denied the request: not this one',
    });
  });

  it('are not asked about what they do not select', async () => {
    const before = calls;
    await create('unlabelled', { forbidden: '1' }, {});
    await running.client.resource(configMaps, 'default').delete('unlabelled');
    expect(calls).toBe(before);
  });

  it('fail the write when they cannot be reached and say Fail', async () => {
    hook.closeAllConnections();
    await new Promise<void>((resolve) => hook.close(() => resolve()));
    const failed = await create('unreachable', { a: 'b' });
    expect(JSON.parse(failed.text)).toMatchObject({
      code: 500,
      message: expect.stringContaining('failed calling webhook "mutate.example.com"'),
    });
  });
});

describe('rules', () => {
  const request = (subresource: string, operation = 'CREATE') =>
    ({
      operation,
      subresource,
      definition: { group: 'apps', version: 'v1', plural: 'deployments', namespaced: true },
    }) as unknown as AdmissionRequest;
  const webhook = (rule: object) =>
    ({
      hook: { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], scope: '*', ...rule }] },
    }) as unknown as Webhook;
  it.each([
    [{ resources: ['*'] }, '', true],
    [{ resources: ['*'] }, 'status', false],
    [{ resources: ['*/*'] }, 'status', true],
    [{ resources: ['deployments/scale'] }, 'scale', true],
    [{ resources: ['deployments/scale'] }, '', false],
    [{ resources: ['pods'] }, '', false],
    [{ resources: ['*'], scope: 'Cluster' }, '', false],
    [{ resources: ['*'], operations: ['UPDATE'] }, '', false],
    [{ resources: ['*'], apiGroups: [''] }, '', false],
  ])('%j of subresource "%s": %s', (rule, subresource, expected) => {
    expect(rulesMatch(webhook(rule), request(subresource))).toBe(expected);
  });
});
