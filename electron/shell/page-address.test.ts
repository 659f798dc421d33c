import { expect, it } from 'vitest';
import { pageAmong, pagePathOf, windowFor } from './page-address.ts';

it('knows the pages of the console, and nothing else', () => {
  expect(pagePathOf('pilothouse://console/#/clusters/bay/nodes/m1?tab=pods')).toBe('/clusters/bay/nodes/m1?tab=pods');
  expect(pagePathOf('pilothouse://console/index.html#/settings')).toBe('/settings');
  for (const other of [
    'https://console/#/settings',
    'pilothouse://elsewhere/#/settings',
    'pilothouse://someone@console/#/settings',
    'pilothouse://console/other.html#/settings',
    'pilothouse://console/#javascript:alert(1)',
    'pilothouse://console/',
    'settings',
    `pilothouse://console/#/${'a'.repeat(3000)}`,
  ]) {
    expect(pagePathOf(other), other).toBeUndefined();
  }
  expect(pageAmong(['/usr/bin/pilothouse', '--verbose', 'pilothouse://console/#/build'])).toBe('/build');
  expect(pageAmong(['/usr/bin/pilothouse'])).toBeUndefined();
});

it('gives a window to what a person asks for, not to a script', () => {
  const url = 'pilothouse://console/index.html#/settings';
  expect(windowFor({ url, disposition: 'background-tab' })).toBe('/settings');
  expect(windowFor({ url, disposition: 'foreground-tab' })).toBeUndefined();
  expect(windowFor({ url: 'file:///etc/passwd', disposition: 'background-tab' })).toBeUndefined();
});
