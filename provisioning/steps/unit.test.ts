import { expect, test } from 'vitest';
import { formatUnit } from './unit.ts';

test('a unit restarts for ever and quotes what systemd would expand', () => {
  const file = formatUnit({
    name: 'x',
    description: 'X',
    command: ['/bin/x', '--a=b', 'two words', '100%', '$HOME', '"'],
    after: ['docker.service'],
    service: ['Type=notify'],
  });
  expect(file).toContain(`ExecStart=/bin/x --a=b "two words" 100%% $$HOME "\\""\n`);
  expect(file).toContain('After=network-online.target docker.service\n');
  expect(file).toContain('Restart=always\n');
  expect(file).toContain('Type=notify\n');
});
