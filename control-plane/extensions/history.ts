// pilothouse.io/v1 history: the cluster's journal as answers.
//   GET …/history                                   how far it reaches, how much happened when, where something may be missing
//   GET …/history/state?time=T&resources=pods,nodes the objects as of T
//   GET …/history/changes?from=T&to=T[&resources=…] what differs between two moments
//   GET …/history/versions?key=/registry/…          every version of one object
//   GET …/history/verification                      whether the chain of digests is whole
// Times are RFC 3339. Secrets appear with digests for values: see journal/redact.ts.
import { catalogue } from '../../api/kinds/catalogue.ts';
import { badRequest, notFound } from '../../api/meta/status.ts';
import type { JournalReader } from '../journal/journal-reader.ts';
import type { ExtensionRequest } from '../server/options.ts';

const apiVersion = 'pilothouse.io/v1';
const mostBuckets = 600;
const mostVersions = 100;
const mostChanges = 2000;

type Answer = object;
type Question = (journal: JournalReader, query: URLSearchParams) => Promise<Answer>;

const questions: Readonly<Record<string, Question>> = {
  async state(journal, query) {
    const time = readTime(query, 'time');
    const state = await journal.stateAt(time, prefixesOf(query));
    if (state === undefined) throw badRequest(`the history does not reach back to ${new Date(time).toISOString()}`);
    const items = [...state.values()].map(({ text }): unknown => JSON.parse(text ?? 'null'));
    return { kind: 'ClusterState', metadata: {}, time: new Date(time).toISOString(), items };
  },
  async changes(journal, query) {
    const [from, to] = [readTime(query, 'from'), readTime(query, 'to')];
    if (from > to) throw badRequest('from must not be later than to');
    const found = await journal.changesBetween(from, to, prefixesOf(query));
    const items = found
      .toSorted((left, right) => right.time - left.time)
      .slice(0, mostChanges)
      .map(({ key, change, time }) => ({ key, change, time: new Date(time).toISOString() }));
    return { kind: 'ClusterChanges', metadata: { remainingItemCount: found.length - items.length }, items };
  },
  async versions(journal, query) {
    const key = query.get('key') ?? '';
    if (!key.startsWith('/registry/')) throw badRequest('key must be the key of one object, under /registry/');
    const found = await journal.versionsOf(key, mostVersions);
    const items = found.map(({ time, revision, text }) => ({
      time: new Date(time).toISOString(),
      revision,
      object: JSON.parse(text ?? 'null') as unknown,
    }));
    return { kind: 'ObjectVersions', metadata: {}, items };
  },
  async verification(journal) {
    return { kind: 'HistoryVerification', metadata: {}, status: await journal.verify() };
  },
};

/** Answers a request for `history`. Throws ApiError NotFound and BadRequest. */
export async function serveHistory(journal: JournalReader | undefined, request: ExtensionRequest): Promise<object> {
  const { verb, name } = request.info;
  if (journal === undefined || !['get', 'list'].includes(verb))
    throw notFound({ group: 'pilothouse.io', plural: 'history' }, name);
  if (name === '') return { apiVersion, kind: 'History', metadata: {}, status: await span(journal, request.query) };
  const question = Object.hasOwn(questions, name) ? questions[name] : undefined;
  if (question === undefined) throw notFound({ group: 'pilothouse.io', plural: 'history' }, name);
  return { apiVersion, ...(await question(journal, request.query)) };
}

async function span(journal: JournalReader, query: URLSearchParams): Promise<object> {
  const buckets = Number(query.get('buckets') ?? 120);
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > mostBuckets)
    throw badRequest(`buckets must be a whole number from 1 to ${mostBuckets}`);
  const { from, to, gaps, ...rest } = await journal.span(buckets);
  const iso = (time: number): string => new Date(time).toISOString();
  return {
    ...(from !== undefined && to !== undefined && { from: iso(from), to: iso(to) }),
    gaps: gaps.map(iso),
    ...rest,
  };
}

function readTime(query: URLSearchParams, name: string): number {
  const time = Date.parse(query.get(name) ?? '');
  if (Number.isNaN(time)) throw badRequest(`${name} must be a time as in 2026-01-31T08:00:00Z`);
  return time;
}

/** Where the wanted resources are kept; everything when none are named. */
function prefixesOf(query: URLSearchParams): readonly string[] {
  const wanted = query.get('resources');
  if (wanted === null || wanted === '') return ['/registry/'];
  return wanted.split(',').map((plural) => {
    const found = catalogue.find((definition) => definition.plural === plural);
    if (found === undefined) throw badRequest(`there is no built-in resource ${plural}`);
    return found.storagePrefix;
  });
}
