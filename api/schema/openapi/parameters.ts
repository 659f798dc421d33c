// The parameters of operations: where they stand, their types, and what they do.
import type { JsonObject } from '../json-value.ts';
import type { Dialect } from './definition-schemas.ts';

interface Parameter {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

const text = (description: string): Parameter => ({ type: 'string', description });
const number = (description: string): Parameter => ({ type: 'integer', description });
const flag = (description: string): Parameter => ({ type: 'boolean', description });

const pathParameters: Readonly<Record<string, Parameter>> = {
  name: text('Name of the object.'),
  namespace: text('Namespace of the object.'),
  path: text('The path below the object that is asked for.'),
};

const queryParameters: Readonly<Record<string, Parameter>> = {
  allowWatchBookmarks: flag('Whether a watch may send bookmarks: events that carry only a resourceVersion.'),
  command: text('The program to run and its arguments, one parameter each. It is not run in a shell.'),
  container: text('The container; the only one of the pod when left out.'),
  continue: text('Where to go on with a list that came in pages: the token of the page before.'),
  dryRun: text('With All, everything is done but storing.'),
  fieldManager: text('Who makes this change; at most 128 printable characters.'),
  fieldSelector: text('Only objects whose fields match, e.g. spec.nodeName=worker-1.'),
  fieldValidation: text('What to do about unknown or duplicate fields: Ignore, Warn (the default) or Strict.'),
  follow: flag('Keep the stream open and send what comes.'),
  force: flag('Take over fields that other managers own; for apply patches only.'),
  gracePeriodSeconds: number('How long the object may take to end; 0 ends it at once.'),
  ignoreStoreReadErrorWithClusterBreakingPotential: flag(
    'Delete an object that cannot be read from the store any more. Unsafe.',
  ),
  insecureSkipTLSVerifyBackend: flag("Do not check the node's certificate."),
  labelSelector: text('Only objects whose labels match, e.g. app=web,tier!=test.'),
  limit: number('The most objects of a page; the answer says how to go on.'),
  limitBytes: number('The most bytes to send.'),
  orphanDependents: flag('Superseded by propagationPolicy.'),
  path: text('The path below the object that is asked for.'),
  ports: number('The ports to forward.'),
  pretty: text("With 'true', the answer is indented."),
  previous: flag('The log of the container that ran before.'),
  propagationPolicy: text('What becomes of dependents: Orphan, Background or Foreground.'),
  resourceVersion: text('The version that the answer must not be older than, or must be exactly.'),
  resourceVersionMatch: text('How resourceVersion is meant: NotOlderThan or Exact.'),
  sendInitialEvents: flag('Begin the watch with every object that exists, and a bookmark after them.'),
  shardSelector: text('Only the objects of one shard.'),
  sinceSeconds: number('Only lines of the last so many seconds.'),
  stderr: flag('Attach the standard error.'),
  stdin: flag('Attach the standard input.'),
  stdout: flag('Attach the standard output.'),
  stream: text('Which stream of the log: All, Stdout or Stderr.'),
  tailLines: number('Only the last so many lines.'),
  timeoutSeconds: number('How long the list or watch may take.'),
  timestamps: flag('Begin each line with its time.'),
  tty: flag('Give the program a terminal.'),
  watch: flag('Watch for changes instead of listing.'),
};

/** A parameter as the dialect writes it. */
export function parameterOf(place: 'path' | 'query', name: string, dialect: Dialect): JsonObject {
  const known = (place === 'path' ? pathParameters : queryParameters)[name];
  const { description, type } = known ?? { description: '', type: 'string' };
  const head: JsonObject = { name, in: place, description };
  if (place === 'path') head['required'] = true;
  return dialect === 2 ? { ...head, type, uniqueItems: true } : { ...head, schema: { type, uniqueItems: true } };
}
