import { expect, it } from 'vitest';
import type { TrailEntryView, TrailStep } from '../../../api/console/index.ts';
import { entryWords } from './entry-words.ts';

const t = (key: string, values: Record<string, unknown> = {}): string =>
  [key.replace('trail.', ''), ...Object.values(values)].join(' ');
const at = { seq: 1, at: 0, hash: 'h' };
const container = {
  kind: 'container',
  pod: 'shop/a',
  container: 'main',
  machine: 'm-1',
  containerId: 'docker://1',
} as const;

it.each<[string, TrailStep, object]>([
  [
    'a command that failed',
    { kind: 'command', machine: 'm-1', command: 'nft -f -', output: 'no', code: 1 },
    { where: 'm-1', what: 'nft -f -', result: 'code 1', tone: 'warn', output: 'no' },
  ],
  [
    'a command that was cut off',
    { kind: 'command', machine: 'm-1', command: 'sleep 9', output: '', code: null },
    { result: 'cutOff', tone: 'warn' },
  ],
  [
    'a write that was refused',
    { kind: 'write', method: 'PUT', object: '/api/v1/nodes/m-1', status: 409, auditId: 'x-1' },
    { what: 'PUT /api/v1/nodes/m-1', result: '409', tone: 'bad' },
  ],
  [
    'a write that nobody answered',
    { kind: 'write', method: 'PUT', object: '/api/v1/nodes/m-1', status: 0, auditId: 'x-1' },
    { result: 'noAnswer', tone: 'bad' },
  ],
  [
    'a container that runs',
    { ...container, state: 'running' },
    { what: 'shop/a · main', result: 'states.running', tone: 'good' },
  ],
  [
    'a container that failed',
    { ...container, state: 'terminated', exitCode: 3, reason: 'Error' },
    { result: 'states.terminated · Error · code 3', tone: 'warn' },
  ],
  ['a container that ended well', { ...container, state: 'terminated', exitCode: 0 }, { tone: 'idle' }],
  ['a pod that is gone', { ...container, container: '', state: 'gone' }, { what: 'shop/a', tone: 'idle' }],
  [
    'a failure',
    { kind: 'end', ok: false, what: 'drill', message: 'Not all is back.' },
    { what: 'drill: Not all is back.', result: 'failed', tone: 'bad' },
  ],
])('says %s', (_what, step, words) => {
  expect(entryWords({ ...at, ...step } as TrailEntryView, t)).toMatchObject(words);
});
