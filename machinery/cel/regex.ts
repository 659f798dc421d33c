// Regular expressions in RE2's syntax and with its guarantee: matching takes time linear in the text, whatever the
// pattern. The only user of re2js; compiled patterns are kept, bounded in number.
import { RE2JS } from 're2js';

const mostKept = 256;
const longestPattern = 10_000;
const kept = new Map<string, RE2JS | Error>();

/** A compiled pattern; throws an Error that says what is wrong with it. */
export function compileRegex(pattern: string): RE2JS {
  let found = kept.get(pattern);
  if (found === undefined) {
    if (pattern.length > longestPattern) throw new Error(`the pattern is longer than ${longestPattern} characters`);
    try {
      found = RE2JS.compile(pattern);
    } catch (cause) {
      found = cause as Error;
    }
    const oldest = kept.size >= mostKept ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(pattern, found);
  }
  if (found instanceof Error) throw found;
  return found;
}

/** A test whether a part of a text matches; throws an Error for a bad pattern. */
export function createMatcher(pattern: string): (text: string) => boolean {
  const compiled = compileRegex(pattern);
  return (text) => compiled.matcher(text).find();
}

/** Whether a part of the text matches. */
export function matchesRegex(text: string, pattern: string): boolean {
  return compileRegex(pattern).matcher(text).find();
}

/** The parts of the text that match, from left to right without overlap; at most `limit`. */
export function findAllRegex(text: string, pattern: string, limit = Infinity): string[] {
  const matcher = compileRegex(pattern).matcher(text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}
