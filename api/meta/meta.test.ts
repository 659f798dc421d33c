import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64, encodeUtf8, utf8Length } from './base64.ts';
import { cidrFamily, ipFamily } from './ip.ts';
import { scaledValue } from './int-or-string.ts';
import {
  checkConfigKey,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkPortName,
  checkQualifiedName,
} from './names.ts';
import { controllerOf, keyOf, splitKey } from './object-meta.ts';
import { alreadyExists, conflict, forbidden, invalid, isApiError, notFound, statusReasons } from './status.ts';
import { formatAge, formatMicroTime, formatTime, parseTime } from './time.ts';

describe('names', () => {
  it.each([
    [checkDnsLabel, 'my-name', true],
    [checkDnsLabel, 'My', false],
    [checkDnsLabel, 'a'.repeat(64), false],
    [checkDnsLabel, '-a', false],
    [checkDns1035Label, '1a', false],
    [checkDnsSubdomain, 'a.b-c.d', true],
    [checkDnsSubdomain, 'a..b', false],
    [checkDnsSubdomain, 'a'.repeat(254), false],
    [checkQualifiedName, 'example.com/My_name', true],
    [checkQualifiedName, '/x', false],
    [checkQualifiedName, 'a/b/c', false],
    [checkConfigKey, 'a_B-c.d', true],
    [checkConfigKey, '..', false],
    [checkPortName, 'http-2', true],
    [checkPortName, '80', false],
    [checkPortName, 'a--b', false],
    [checkPortName, 'sixteencharacter', false],
  ])('%o says of %j that it is valid: %s', (check, name, valid) => {
    expect(check(name).length === 0).toBe(valid);
  });
});

describe('errors', () => {
  it.each([
    [notFound({ group: '', plural: 'pods' }, 'a'), 404, 'pods "a" not found'],
    [alreadyExists({ group: 'apps', plural: 'deployments' }, 'a'), 409, 'deployments.apps "a" already exists'],
    [
      conflict({ group: 'apps', plural: 'deployments' }, 'a'),
      409,
      'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [forbidden({ group: '', plural: 'pods' }, 'a', 'no'), 403, 'pods "a" is forbidden: no'],
    [
      invalid('Deployment.apps', 'a', [
        {
          path: 'spec.replicas',
          reason: 'FieldValueInvalid',
          message: 'Invalid value: -1: must be greater than or equal to 0',
        },
      ]),
      422,
      'Deployment.apps "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  ])('%s', (error, code, message) => {
    expect(error.status.code).toBe(code);
    expect(error.message).toBe(message);
    expect(isApiError(error, error.reason)).toBe(true);
    expect(statusReasons[error.reason]).toBe(code);
  });

  it('says each fault once, with its field', () => {
    const fault = { path: 'a', reason: 'FieldValueRequired', message: 'Required value' } as const;
    expect(invalid('Pod', 'x', [fault, fault]).status.details).toEqual({
      name: 'x',
      kind: 'Pod',
      causes: [{ field: 'a', reason: 'FieldValueRequired', message: 'Required value' }],
    });
  });
});

describe('times', () => {
  it.each([
    ['2026-11-23T15:40:12Z', '2026-11-23T15:40:12Z'],
    ['2026-11-23T15:40:12.999Z', '2026-11-23T15:40:12Z'],
    ['2026-11-23T17:40:12+02:00', '2026-11-23T15:40:12Z'],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-11-23 15:40:12Z', undefined],
    ['2026-11-23', undefined],
    ['', undefined],
  ])('reads %s as %s', (text, expected) => {
    const ms = parseTime(text);
    expect(ms === undefined ? undefined : formatTime(ms)).toBe(expected);
  });

  it('writes microseconds', () => {
    expect(formatMicroTime(Date.UTC(2026, 10, 23, 15, 40, 12, 34))).toBe('2026-11-23T15:40:12.034000Z');
  });

  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [190_000, '3m10s'],
    [600_000, '10m'],
    [3 * 3_600_000, '3h'],
    [3 * 3_600_000 + 60_000, '3h1m'],
    [26 * 3_600_000, '26h'],
    [50 * 3_600_000, '2d2h'],
    [20 * 86_400_000, '20d'],
    [800 * 86_400_000, '2y70d'],
    [-5000, '<invalid>'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe('small things', () => {
  it('keys objects', () => {
    expect(keyOf({ metadata: { name: 'a', namespace: 'n' } })).toBe('n/a');
    expect(splitKey('a')).toEqual({ name: 'a' });
    expect(splitKey('n/a')).toEqual({ namespace: 'n', name: 'a' });
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true };
    expect(controllerOf({ metadata: { ownerReferences: [{ ...owner, controller: false }, owner] } })).toBe(owner);
  });

  it('scales percentages', () => {
    expect(scaledValue('25%', 10, 'up')).toBe(3);
    expect(scaledValue('25%', 10, 'down')).toBe(2);
    expect(scaledValue(4, 10, 'up')).toBe(4);
    expect(scaledValue('x', 10, 'up')).toBeUndefined();
  });

  it.each(['', 'a', 'ab', 'abc', 'héé', '日本', '😀'])('encodes %j as the platform does', (text) => {
    const bytes = Buffer.from(text);
    expect(encodeBase64(encodeUtf8(text))).toBe(bytes.toString('base64'));
    expect(Buffer.from(decodeBase64(bytes.toString('base64')))).toEqual(bytes);
    expect(utf8Length(text)).toBe(bytes.length);
  });

  it.each([
    ['10.0.0.1', 'IPv4'],
    ['10.0.0.01', undefined],
    ['256.1.1.1', undefined],
    ['::1', 'IPv6'],
    ['2001:db8::ffff', 'IPv6'],
    ['::ffff:10.0.0.1', 'IPv6'],
    ['1:2:3:4:5:6:7:8', 'IPv6'],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1::2::3', undefined],
    ['', undefined],
  ])('knows the family of %j: %s', (text, family) => {
    expect(ipFamily(text)).toBe(family);
  });

  it('knows CIDRs', () => {
    expect(cidrFamily('10.0.0.0/8')).toBe('IPv4');
    expect(cidrFamily('10.0.0.0/33')).toBeUndefined();
    expect(cidrFamily('fd00::/64')).toBe('IPv6');
    expect(cidrFamily('10.0.0.0')).toBeUndefined();
  });
});
