import { describe, expect, it } from 'vitest';
import type { Event } from '../api/kinds/core/index.ts';
import { notFound } from '../api/meta/status.ts';
import { createFakeClock } from './clock.ts';
import { createEventRecorder } from './event-recorder.ts';
import type { RestClient } from './rest-client.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '7', creationTimestamp: '' },
};

function setUp() {
  const stored = new Map<string, Event>();
  const api = {
    create: (event: Event) => Promise.resolve(void stored.set(event.metadata.name, event)),
    patch(name: string, { body }: { body: Partial<Event> }) {
      const known = stored.get(name);
      if (known === undefined) return Promise.reject(notFound('events', name));
      return Promise.resolve(void stored.set(name, { ...known, ...body }));
    },
  };
  const clock = createFakeClock();
  const recorder = createEventRecorder({
    client: { resource: () => api } as unknown as RestClient,
    component: 'kubelet',
    host: 'node-1',
    clock,
  });
  return { stored, clock, recorder };
}

describe('an event recorder', () => {
  it('counts what repeats in one event, and tells different things apart', async () => {
    const { stored, clock, recorder } = setUp();
    recorder.record(pod, 'Warning', 'BackOff', 'Back-off restarting failed container');
    await clock.advance(10_000);
    recorder.record(pod, 'Warning', 'BackOff', 'Back-off restarting failed container');
    recorder.record(pod, 'Normal', 'Pulled', 'Image is present', 'spec.containers{web}');
    await recorder.flush();
    const [first, second] = [...stored.values()];
    expect(first).toMatchObject({
      count: 2,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:10Z',
      source: { component: 'kubelet', host: 'node-1' },
    });
    expect(second).toMatchObject({
      count: 1,
      involvedObject: { kind: 'Pod', name: 'web', uid: 'u', fieldPath: 'spec.containers{web}' },
    });
    expect(first?.metadata.name).not.toBe(second?.metadata.name);
  });

  it('makes an event again that the server has forgotten', async () => {
    const { stored, recorder } = setUp();
    recorder.record(pod, 'Normal', 'A', 'a');
    await recorder.flush();
    stored.clear();
    recorder.record(pod, 'Normal', 'A', 'a');
    await recorder.flush();
    expect([...stored.values()].map(({ count }) => count)).toEqual([2]);
  });

  it('holds back a flood about one object, and lets through a little again later', async () => {
    const { stored, clock, recorder } = setUp();
    for (let n = 0; n < 100; n++) recorder.record(pod, 'Normal', 'Flood', `drop ${n}`);
    await recorder.flush();
    expect(stored.size).toBe(25);
    await clock.advance(300_000);
    recorder.record(pod, 'Normal', 'Flood', 'later');
    await recorder.flush();
    expect(stored.size).toBe(26);
  });
});
