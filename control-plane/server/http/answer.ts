// Sends objects, stored bytes and errors in the negotiated form.
import { stringify as stringifyYaml } from 'yaml';
import { encodeProtobuf, hasProtobuf } from '../../../api/schema/protobuf/index.ts';
import { badRequest, internalError, notAcceptable, isApiError, type Status } from '../../../api/meta/status.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { Exchange } from './exchange.ts';
import { negotiate, type Negotiated } from './negotiate.ts';
import { MalformedPathError } from '../request/request-info.ts';

/** Sends a value as JSON or YAML. */
export function answerObject(exchange: Exchange, code: number, value: unknown, form: Negotiated): void {
  if (form.encoding === 'protobuf') return answerProtobuf(exchange, code, value, form);
  if (form.encoding === 'yaml')
    return exchange.send(code, form.contentType, stringifyYaml(value, { aliasDuplicateObjects: false }));
  exchange.send(
    code,
    form.contentType,
    form.pretty ? `${JSON.stringify(value, undefined, 2)}\n` : JSON.stringify(value),
  );
}

/** Custom resources have no messages: those, as upstream does it, are refused as not acceptable. */
function answerProtobuf(exchange: Exchange, code: number, value: unknown, form: Negotiated): void {
  const object = value as { apiVersion?: string; kind?: string };
  if (!hasProtobuf(object.apiVersion ?? '', object.kind ?? ''))
    throw notAcceptable('only the following media types are accepted: application/json, application/yaml');
  exchange.send(code, form.contentType, encodeProtobuf(object as Record<string, unknown>));
}

/** Sends bytes that already are the JSON of the answer; re-encodes only for YAML or pretty JSON. */
export function answerBytes(exchange: Exchange, code: number, bytes: Uint8Array, form: Negotiated): void {
  if (form.encoding === 'json' && !form.pretty) exchange.send(code, form.contentType, bytes);
  else
    answerObject(
      exchange,
      code,
      JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()),
      form,
    );
}

/** The same for JSON in parts, which are joined only where that is needed. */
export function answerParts(exchange: Exchange, code: number, parts: readonly Uint8Array[], form: Negotiated): void {
  if (form.encoding === 'json' && !form.pretty) exchange.send(code, form.contentType, parts);
  else answerBytes(exchange, code, Buffer.concat(parts), form);
}

/** The form that this exchange's client asked for, with `?pretty` respected. */
export function formOf(exchange: Exchange, isWatch = false): Negotiated {
  const form = negotiate(exchange.headers.accept, isWatch);
  if (exchange.query.size === 0) return form;
  const pretty = exchange.query.get('pretty');
  return pretty === null ? form : { ...form, pretty: pretty !== '0' && pretty !== 'false' };
}

/** Turns any thrown thing into a Status answer. Unexpected errors are logged whole and told as an internal error. */
export function answerError(exchange: Exchange, error: unknown, logger: Logger): void {
  const status = statusOf(error, logger);
  if (exchange.response.destroyed) return;
  if (exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  const seconds = status.details?.retryAfterSeconds;
  if (seconds !== undefined) exchange.response.setHeader('retry-after', String(seconds));
  const form = errorForm(exchange);
  answerObject(exchange, status.code ?? 500, status, form);
}

function errorForm(exchange: Exchange): Negotiated {
  try {
    return { ...formOf(exchange), projection: 'none' };
  } catch {
    return negotiate(undefined);
  }
}

/** The Status of an error. */
export function statusOf(error: unknown, logger: Logger): Status {
  if (isApiError(error)) return error.status;
  if (error instanceof MalformedPathError) {
    return badRequest(error.message).status;
  }
  logger.error({ err: error }, 'a request failed unexpectedly');
  return internalError(error instanceof Error ? error.message : String(error)).status;
}
