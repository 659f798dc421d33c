// Every sentence exists in every language, compiles, keeps its placeholders, and is used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseCompile } from '@intlify/message-compiler';
import { describe, expect, it } from 'vitest';
import en from './en.ts';
import zh from './zh-CN.ts';

const root = join(import.meta.dirname, '..');

function flatten(messages: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [inner, text] of flatten(value as object, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'locales' ? [] : sources(path);
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [readFileSync(path, 'utf8')] : [];
  });
}

const english = flatten(en);
const chinese = flatten(zh);
const code = sources(root).join('\n');

/** Keys in the code: whole ones, and those whose end is only known when it runs (`pods.states.` + anything). */
const literal = new Set([...code.matchAll(/['"`]([a-zA-Z]+(?:\.[a-zA-Z-]+)+)['"`]/g)].map(([, key]) => key ?? ''));
const beginnings = [...code.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map(([, start]) => start ?? '');

const placeholders = (text: string): string[] => [...new Set(text.match(/\{[a-z]\w*\}/g) ?? [])].sort();

describe('the locales', () => {
  it('have the same keys', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('compile, each of them', () => {
    const broken = [...english, ...chinese].filter(([, text]) => {
      const problems: string[] = [];
      baseCompile(text, { onError: (error) => void problems.push(error.message) });
      return problems.length > 0;
    });
    expect(broken).toEqual([]);
  });

  it('use the same values in each language', () => {
    const optional = new Set(['{count}', '{updated}', '{desired}']); // one form of a plural may leave its number out
    const different = [...english].filter(([key, text]) => {
      const wanted = placeholders(text).filter((name) => !optional.has(name));
      const there = placeholders(chinese.get(key) ?? '').filter((name) => !optional.has(name));
      return wanted.join() !== there.join();
    });
    expect(different).toEqual([]);
  });

  it('leave nothing in Chinese untranslated', () => {
    const hasWords = (text: string): boolean => /[a-z]{3}/.test(text.replace(/\{\w+\}/g, ''));
    const same = [...english].filter(([key, text]) => hasWords(text) && chinese.get(key) === text);
    expect(same.map(([key]) => key)).toEqual(['overview.components.etcd']);
  });

  it('hold no sentence that nothing says', () => {
    const unused = [...english.keys()].filter(
      (key) => !literal.has(key) && !beginnings.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  it('hold every sentence that the code says', () => {
    const said = [...code.matchAll(/\bt\(\s*['"]([\w.-]+)['"]/g)].map(([, key]) => key ?? '');
    expect(said.filter((key) => !english.has(key))).toEqual([]);
    expect(
      beginnings.filter(
        (start) => start.split('.')[0]! in en && ![...english.keys()].some((key) => key.startsWith(start)),
      ),
    ).toEqual([]);
  });
});
