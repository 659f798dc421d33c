import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage, ServerMessage } from '../api/console/index.ts';
import { createBridge, type Bridge } from './bridge.ts';

describe('the bridge', () => {
  let sent: ClientMessage[];
  let receive: (message: ServerMessage) => void;
  let setConnected: (connected: boolean) => void;
  let bridge: Bridge;

  beforeEach(() => {
    sent = [];
    vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'setTimeout'] });
    bridge = createBridge({
      send: (message) => void sent.push(message),
      onMessage: (listener) => (receive = listener),
      onConnected: (listener) => (setConnected = listener),
    });
    return () => vi.useRealTimers();
  });

  it('holds commands until connected, and answers by number', async () => {
    const first = bridge.invoke('settings.get', {});
    expect(sent).toEqual([]);
    setConnected(true);
    const second = bridge.invoke('settings.get', {});
    expect(sent.map(({ id }) => id)).toEqual([1, 2]);
    receive({ type: 'result', id: 2, result: { ok: true, value: 'second' } });
    receive({ type: 'result', id: 1, result: { ok: true, value: 'first' } });
    expect([await first, await second]).toEqual([
      { ok: true, value: 'first' },
      { ok: true, value: 'second' },
    ]);
  });

  it('answers commands that a lost connection took with it', async () => {
    setConnected(true);
    const answer = bridge.invoke('settings.get', {});
    setConnected(false);
    expect(await answer).toMatchObject({ ok: false, error: { reason: 'Disconnected' } });
  });

  it('subscribes again after a lost connection and says that data may be old', () => {
    const events: string[] = [];
    setConnected(true);
    bridge.subscribe('clusters', {}, ({ type }) => events.push(type));
    setConnected(false);
    expect(events).toEqual(['interrupted']);
    sent = [];
    setConnected(true);
    expect(sent).toEqual([{ type: 'subscribe', id: 1, stream: 'clusters', payload: {} }]);
  });

  it('goes on in the next frame with what takes too long, in order', () => {
    const seen: number[] = [];
    let nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    setConnected(true);
    bridge.subscribe('clusters', {}, (event) => {
      nowMs += 5;
      if (event.type === 'data') seen.push(event.data.length);
    });
    const tell = (length: number): void =>
      receive({ type: 'event', id: 1, event: { type: 'data', data: Array.from({ length }) } });
    for (const length of [1, 2, 3]) tell(length);
    vi.advanceTimersToNextFrame();
    expect(seen).toEqual([1, 2]);
    tell(4);
    vi.advanceTimersToNextFrame();
    expect(seen).toEqual([1, 2, 3, 4]);
    vi.restoreAllMocks();
  });

  it('delivers events of a frame together and none after the end', () => {
    const events: unknown[] = [];
    setConnected(true);
    const stop = bridge.subscribe('clusters', {}, (event) => events.push(event));
    receive({ type: 'event', id: 1, event: { type: 'data', data: [] } });
    receive({ type: 'event', id: 1, event: { type: 'data', data: [] } });
    expect(events).toHaveLength(0);
    vi.advanceTimersToNextFrame();
    expect(events).toHaveLength(2);
    receive({ type: 'event', id: 1, event: { type: 'data', data: [] } });
    stop();
    vi.advanceTimersToNextFrame();
    expect(events).toHaveLength(2);
  });
});
