import { expect, it } from 'vitest';
import type { Device, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import { matchesDevice } from './device-matcher.ts';

const driver = 'gpu.example.com';
const device = {
  name: 'g0',
  attributes: {
    model: { string: 'a100' },
    'other.org/numa': { int: 1 },
    shared: { bool: false },
    firmware: { version: '2.10.0' },
  },
  capacity: { memory: { value: '40Gi' } },
} as unknown as Device;
const pooled = { id: 'x', driver, pool: 'p', device, slice: {} as ResourceSlice };

it.each([
  ['device.driver == "gpu.example.com"', true],
  ['device.attributes["gpu.example.com"].model == "a100"', true],
  ['device.attributes["gpu.example.com"].model.matches("^v")', false],
  ['device.attributes["other.org"].numa in [0, 1]', true],
  ['!device.attributes["gpu.example.com"].shared', true],
  ['device.attributes["gpu.example.com"].firmware.isGreaterThan(semver("2.9.0"))', true],
  ['device.capacity["gpu.example.com"].memory.compareTo(quantity("40Gi")) >= 0', true],
  ['device.capacity["gpu.example.com"].memory.isLessThan(quantity("1Gi"))', false],
  ['"nothing" in device.attributes["nobody.org"]', false],
  ['has(device.attributes["gpu.example.com"].model)', true],
  ['cel.bind(own, device.attributes["gpu.example.com"], own.model == "a100" && !own.shared)', true],
])('%s', (expression, expected) => {
  expect(matchesDevice(expression, pooled)).toBe(expected);
});

it.each([
  ['device.nonsense', 'is not valid'],
  ['"text"', 'true or false'],
  ['device.attributes["nobody.org"].model == "x"', 'fails for device x'],
  ['1 +', 'is not valid'],
])('%s is refused with a sentence', (expression, words) => {
  expect(() => matchesDevice(expression, pooled)).toThrow(words);
});
