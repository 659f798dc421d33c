// What clients write is what they read: generated objects of every kind go through create → get → update → patch, and
// nothing in them is lost and nothing invented. Objects that the rules refuse are repaired by what the refusal says, so
// that this also follows every cause of a 422 back to its field.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiVersionOf, catalogue } from '../../api/kinds/catalogue.ts';
import type { ResourceDefinition } from '../../api/kinds/resource.ts';
import type { Status } from '../../api/meta/status.ts';
import { arbitraryOf } from '../../api/schema/arbitrary-fixture.ts';
import { applyDefaults } from '../../api/schema/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';
import { minimalObjects } from './fixtures/minimal-objects.ts';
import { removeAt } from './fixtures/repair.ts';

type Loose = Record<string, unknown>;

const samplesPerKind = Number(process.env['PILOTHOUSE_ROUND_TRIPS'] ?? 3);
const mostRepairs = 40;
/** What the server adds to because of other objects or of what it hands out. */
const completed = new Set([
  'Pod',
  'Service',
  'Job',
  'PersistentVolumeClaim',
  'Namespace',
  'ServiceAccount',
  'Secret',
  // Stored in the core group's form, whose empty parts it shows.
  'Event',
  'Node',
  'CustomResourceDefinition',
]);

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
  await send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
afterAll(() => running.close());

async function send(
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<{ status: number; body: Loose }> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const answer = await running.client.request({ method, path, body: content, headers: { 'content-type': type } });
  return { status: answer.status, body: JSON.parse(await answer.text()) as Loose };
}

const pathOf = ({ group, version, plural, namespaced }: ResourceDefinition): string => {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespaced ? '/namespaces/default' : ''}/${plural}`;
};

let count = 0;
/** Generated, under a name of its own, without what belongs to the server. */
function objects(definition: ResourceDefinition): fc.Arbitrary<Loose> {
  return arbitraryOf(definition.schema).map((generated) => {
    // Secrets are written in clear by another field than they are read from.
    const { status: _status, stringData: _written, metadata, ...rest } = generated as Loose;
    const { labels, annotations } = (metadata ?? {}) as Loose;
    return {
      ...(overlay(rest, minimalObjects[definition.kind] ?? {}) as Loose),
      apiVersion: apiVersionOf(definition),
      kind: definition.kind,
      metadata: { labels, annotations },
    };
  });
}

/** Creates the object; takes out of it what the rules refuse. Undefined when nothing could be made of it. */
async function createRepaired(definition: ResourceDefinition, object: Loose): Promise<Loose | undefined> {
  const path = pathOf(definition);
  for (let attempt = 0; attempt < mostRepairs; attempt++) {
    const { status, body } = await send('POST', path, object);
    if (status === 201) return body;
    const { details, reason } = body as unknown as Status;
    if (status !== 422) {
      // Admission's own refusals say no field; what is not a refusal is a bug.
      expect({ status, reason }).toMatchObject({
        reason: expect.stringMatching(/^(Forbidden|BadRequest|NotFound)$/) as string,
      });
      return undefined;
    }
    const fields = (details?.causes ?? []).map(({ field = '' }) => field);
    expect(fields.length).toBeGreaterThan(0);
    if (!fields.some((field) => removeAt(object, field))) return undefined;
  }
  return undefined;
}

/** The server itself writes their statuses, at any moment. */
const reconciled = new Set([
  'APIService',
  'CustomResourceDefinition',
  'FlowSchema',
  'MutatingAdmissionPolicy',
  'ValidatingAdmissionPolicy',
]);
/** Requests must be signed by a key, certificates be real ones: no generator finds that. */
const ungeneratable = new Set(['CertificateSigningRequest', 'ClusterTrustBundle']);
const stored = catalogue.filter(
  ({ verbs, kind }) =>
    !ungeneratable.has(kind) &&
    ['create', 'get', 'update', 'patch', 'delete'].every((verb) => (verbs as readonly string[]).includes(verb)),
);
const kinds = stored.map((definition) => [`${apiVersionOf(definition)} ${definition.kind}`, definition] as const);

describe.each(kinds)('%s', (_title, definition) => {
  it('keeps what it is given, and gains nothing by being written again', async () => {
    const samples = fc.sample(objects(definition), { numRuns: samplesPerKind * 10, seed: 20_261_123 });
    const isReconciled = reconciled.has(definition.kind);
    const told = (object: Loose): Loose => (isReconciled ? content(object) : object);
    let taken = 0;
    for (const sample of samples) {
      // Some cannot be repaired; the next one then.
      if (taken === samplesPerKind) break;
      const object = sample;
      const own = minimalObjects[definition.kind];
      (object['metadata'] as Loose)['name'] = own?.metadata?.name ?? `generated-${count++}`;
      const created = await createRepaired(definition, object);
      if (created === undefined) continue;
      taken++;
      const path = `${pathOf(definition)}/${(created['metadata'] as Loose)['name'] as string}`;
      expect(kept(created)).toMatchObject(kept(object));
      if (!completed.has(definition.kind)) {
        const expected = withoutEmptyLists(object);
        applyDefaults(definition.schema, expected);
        expect(kept(content(created))).toEqual(kept(content(expected)));
      }

      const { body: read } = await send('GET', path);
      if (definition.kind !== 'Secret') expect(told(read)).toEqual(told(created));
      const { status, body: updated } = await send('PUT', path, isReconciled ? withoutVersion(read) : read);
      expect({ status, body: told(updated) }).toEqual({ status: 200, body: told(read) });
      const { body: patched } = await send('PATCH', path, {}, 'application/merge-patch+json');
      expect(told(patched)).toEqual(told(read));
      const labels = { metadata: { labels: { touched: 'yes' } } };
      const { body: labelled } = await send('PATCH', path, labels, 'application/merge-patch+json');
      expect(content(labelled)).toEqual(content(read));
      expect((labelled['metadata'] as Loose)['labels']).toEqual({
        ...((read['metadata'] as Loose)['labels'] as object),
        touched: 'yes',
      });
      await send('DELETE', path, { gracePeriodSeconds: 0 });
    }
    expect(taken).toBeGreaterThan(0);
  });
});

/** Objects merged, everything else replaced; what is undefined goes. */
function overlay(under: unknown, over: unknown): unknown {
  const isObject = (value: unknown): value is Loose =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(over)) return over;
  const merged: Loose = { ...(isObject(under) ? under : {}) };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) delete merged[key];
    else merged[key] = overlay(merged[key], value);
  }
  return merged;
}

function withoutVersion({ metadata, ...rest }: Loose): Loose {
  return { ...rest, metadata: { ...(metadata as Loose), resourceVersion: '' } };
}

/** Everything but metadata and status. */
function content({ metadata: _metadata, status: _status, ...rest }: Loose): Loose {
  return rest;
}

/** A copy as a server understands it: a list that repairs have emptied says nothing, so that its default holds. */
function withoutEmptyLists(object: Loose): Loose {
  const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  return JSON.parse(JSON.stringify(object, (_key, value: unknown) => (isEmpty(value) ? undefined : value))) as Loose;
}

/** What must be found again. Empty lists and maps are as good as absent, on both sides. */
function kept(value: Loose): Loose {
  const isEmpty = (one: unknown): boolean => typeof one === 'object' && one !== null && Object.keys(one).length === 0;
  const prune = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(prune);
    if (typeof one !== 'object' || one === null) return one;
    const fields = Object.entries(one).map(([key, field]) => [key, prune(field)] as const);
    return Object.fromEntries(fields.filter(([, field]) => field !== undefined && !isEmpty(field)));
  };
  return prune(value) as Loose;
}
