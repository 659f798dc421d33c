// Reads resourceVersion, resourceVersionMatch, limit and continue as upstream documents their combinations,
// and turns them into what the store is asked.
import { badRequest, expired, invalidOptions } from './errors.ts';
import type { Consistency } from '../../store/contract.ts';

/** What a list asks of the store. */
export interface ListVersion {
  readonly consistency: Consistency;
  /** Exactly this revision. */
  readonly revision: number | undefined;
  /** 0 means no limit. */
  readonly limit: number;
  readonly afterKey: string | undefined;
}

/** A revision number of the query; undefined when absent or empty. */
export function parseResourceVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d{1,16}$/.test(text))
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}: must be a number`);
  return Number(text);
}

/** Reads a list's query. `keyPrefix` is put before the key that a continue token carries. */
export function parseListVersion(query: URLSearchParams, keyPrefix: string): ListVersion {
  const text = query.get('resourceVersion');
  const match = query.get('resourceVersionMatch') ?? '';
  const limit = parseLimit(query.get('limit'));
  const token = query.get('continue') ?? '';
  const version = parseResourceVersion(text);
  if (token !== '') {
    if (match !== '') throw invalidOptions('resourceVersionMatch is forbidden when continue is provided');
    if (version !== undefined && version !== 0)
      throw badRequest('specifying resource version is not allowed when using continue');
    const { revision, key } = decodeContinue(token);
    // A token of revision -1 (handed out with a 410) goes on at whatever is newest.
    if (revision < 0) return { consistency: 'latest', revision: undefined, limit, afterKey: keyPrefix + key };
    return { consistency: { atLeast: revision }, revision, limit, afterKey: keyPrefix + key };
  }
  const base = { limit, afterKey: undefined };
  if (match !== '' && version === undefined)
    throw invalidOptions('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'Exact') {
    if (version === 0) throw invalidOptions('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
    return { ...base, consistency: 'latest', revision: version };
  }
  if (match !== '' && match !== 'NotOlderThan')
    throw invalidOptions(`resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}`);
  if (version === undefined) return { ...base, consistency: 'latest', revision: undefined };
  if (version === 0) return { ...base, consistency: 'cache', revision: undefined };
  if (match === '' && limit > 0) return { ...base, consistency: { atLeast: version }, revision: version };
  return { ...base, consistency: { atLeast: version }, revision: undefined };
}

function parseLimit(text: string | null): number {
  if (text === null || text === '') return 0;
  const limit = Number(text);
  if (!Number.isSafeInteger(limit) || limit < 0) throw badRequest(`limit: Invalid value: ${JSON.stringify(text)}`);
  return limit;
}

/** The token for the page after `key` (relative to the resource's prefix) of the list at `revision`. */
export function encodeContinue(revision: number, key: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${key}\u0000` })).toString(
    'base64url',
  );
}

function decodeContinue(token: string): { revision: number; key: string } {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      v?: unknown;
      rv?: unknown;
      start?: unknown;
    };
    const { v, rv, start } = value;
    if (
      v === 'meta.k8s.io/v1' &&
      typeof rv === 'number' &&
      Number.isSafeInteger(rv) &&
      typeof start === 'string' &&
      !start.includes('..')
    ) {
      return { revision: rv, key: start.replace(/\u0000$/, '') };
    }
  } catch (cause) {
    throw badRequest(`continue key is not valid: ${(cause as Error).message}`);
  }
  throw badRequest('continue key is not valid');
}

/** The error of a page whose revision is compacted, with a token that goes on inconsistently, as upstream gives. */
export function expiredPage(key: string): Error {
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, ' +
      'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an ' +
      'inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    encodeContinue(-1, key),
  );
}
