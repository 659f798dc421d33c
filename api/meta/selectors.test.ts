import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatSelector,
  matchesFieldSelector,
  matchesLabelSelector,
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
} from './selectors.ts';

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'front', size: '5' };

  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier = front', true],
    ['app!=web', false],
    ['absent!=x', true],
    ['app in (api, web)', true],
    ['app notin (api,web)', false],
    ['absent notin (a)', true],
    ['app', true],
    ['!app', false],
    ['!absent', true],
    ['size>4', true],
    ['size<4', false],
    ['absent>1', false],
    ['app=', false],
    ['toString', false],
    ['app.kubernetes.io/name', false],
  ])('%j matches: %s', (text, matches) => {
    expect(matchesSelector(parseLabelSelector(text), labels)).toBe(matches);
  });

  it.each([
    '=web',
    'app in web',
    'app in (a',
    'app,,tier',
    'app=web,',
    'a b',
    'app=we b',
    'app>x',
    '-a=b',
    'a/b/c=d',
    `${'x'.repeat(64)}=1`,
  ])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(RangeError);
  });

  it('reads back what it writes', () => {
    const word = fc
      .stringMatching(/^[a-z]([-a-z0-9.]{0,10}[a-z0-9])?$/)
      .filter((text) => text !== 'in' && text !== 'notin');
    const requirement = fc.oneof(
      fc.record({
        key: word,
        operator: fc.constantFrom('In' as const, 'NotIn' as const),
        values: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((all) => all.sort()),
      }),
      fc.record({
        key: word,
        operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
        values: fc.constant([]),
      }),
      fc.record({
        key: word,
        operator: fc.constantFrom('Gt' as const, 'Lt' as const),
        values: fc.integer().map((number) => [String(number)]),
      }),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (selector) => {
        expect(parseLabelSelector(formatSelector(selector))).toEqual(selector);
      }),
    );
  });

  it('matches nothing without a selector and everything with an empty one', () => {
    expect(matchesLabelSelector(undefined, labels)).toBe(false);
    expect(matchesLabelSelector({}, undefined)).toBe(true);
    expect(
      matchesLabelSelector(
        { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] },
        labels,
      ),
    ).toBe(true);
  });
});

describe('field selectors', () => {
  it.each([
    ['spec.nodeName=a', { 'spec.nodeName': 'a' }, true],
    ['spec.nodeName==a', { 'spec.nodeName': 'a' }, true],
    ['spec.nodeName!=a', { 'spec.nodeName': 'a' }, false],
    ['spec.nodeName=,status.phase=Running', { 'spec.nodeName': '', 'status.phase': 'Running' }, true],
    ['metadata.name=a\\,b', { 'metadata.name': 'a,b' }, true],
    ['metadata.name=a\\=b', { 'metadata.name': 'a=b' }, true],
  ])('%j on %j: %s', (text, facts, matches) => {
    expect(matchesFieldSelector(parseFieldSelector(text), facts)).toBe(matches);
  });

  it.each(['abc', 'a=b=c', 'a=b\\x'])('refuses %j', (text) => {
    expect(() => parseFieldSelector(text)).toThrow(RangeError);
  });

  it('ends in linear time on hostile input', () => {
    const start = performance.now();
    for (const text of ['!'.repeat(50_000), '\\'.repeat(50_001), `${'a\\'.repeat(20_000)}=b`]) {
      try {
        parseFieldSelector(text);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
    expect(performance.now() - start).toBeLessThan(500);
  });
});
