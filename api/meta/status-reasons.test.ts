import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { statusReasons } from './status.ts';

describe('reasons of failures', () => {
  it('are listed in the documentation with their codes, all of them and no others', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const section = readme.slice(readme.indexOf('## Reasons of failures'));
    const rows = [...section.matchAll(/^\| (\w+) +\| (\d{3}) +\|$/gm)].map(([, reason, code]) => [
      reason,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).toEqual(statusReasons);
    expect(rows).toHaveLength(Object.keys(statusReasons).length);
  });
});
