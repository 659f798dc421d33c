// GET pods/NAME/log: the agent's log stream, passed on as it comes.
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { failure } from '../../../api/meta/status.ts';
import type { Exchange } from '../http/exchange.ts';
import { acceptMessages, wantsWebSocket, offeredProtocols, type MessageStream } from '../http/web-socket.ts';
import type { NodeClient } from '../kubelet/node-client.ts';
import { addressOfPod, containerOf, podOf } from '../kubelet/pod-target.ts';
import type { ResourceHandler } from '../resource-routes.ts';
import { badRequest } from '../registry/errors.ts';

const passedOn = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes', 'stream'];
const longestErrorBytes = 4096;

/** The handler of logs. */
export function createLogHandler(client: NodeClient): ResourceHandler {
  return async (parts, request) => {
    const { exchange, info } = request;
    const { query } = exchange;
    const inMessages = wantsWebSocket(exchange);
    const pod = await podOf(parts, request);
    const container = containerOf(pod, query.get('container') ?? '');
    if (query.has('sinceSeconds') && query.has('sinceTime'))
      throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified');
    const wanted = new URLSearchParams();
    for (const name of passedOn) {
      const value = query.get(name);
      if (value !== null && value !== '') wanted.set(name, value);
    }
    const address = await addressOfPod(parts, pod, client.fallbackPort);
    const path = `/containerLogs/${info.namespace}/${info.name}/${container}${wanted.size === 0 ? '' : `?${wanted}`}`;
    const answer = await client.request(address, { method: 'GET', path, headers: {}, signal: exchange.signal });
    if ((answer.statusCode ?? 500) >= 400) throw await refusalOf(answer);
    const response = inMessages ? await acceptLog(exchange) : exchange.stream(200, 'text/plain');
    if ('flushHeaders' in response) response.flushHeaders();
    await pipeline(answer, response).catch((error: unknown) => {
      if (!exchange.signal.aborted) parts.logger.debug({ err: error }, 'a log stream ended early');
    });
  };
}

const binaryProtocol = 'binary.k8s.io';
const base64Protocol = 'base64.binary.k8s.io';

/**
 * The log as messages, after an empty one that says that it begins: bytes as they are, or in base64 for clients that
 * only take text. A client that offers protocols must offer one of these.
 */
async function acceptLog(exchange: Exchange): Promise<MessageStream> {
  const offered = offeredProtocols(exchange);
  const protocol = offered.find((one) => one === binaryProtocol || one === base64Protocol);
  if (protocol === undefined && offered.length > 0)
    throw badRequest(
      `logs are sent as ${binaryProtocol} or ${base64Protocol}; the client offers ${offered.join(', ')}`,
    );
  const isText = protocol === base64Protocol;
  const stream = await acceptMessages(exchange, protocol ?? '', (bytes) => [isText ? bytes.toString('base64') : bytes]);
  stream.send(isText ? '' : Buffer.alloc(0));
  return stream;
}

/** The agent's own words become the Status' message. */
async function refusalOf(answer: IncomingMessage): Promise<Error> {
  let text = '';
  for await (const part of answer) {
    text += String(part);
    if (text.length > longestErrorBytes) break;
  }
  const code = answer.statusCode ?? 500;
  const reason = code === 404 ? 'NotFound' : code === 400 ? 'BadRequest' : 'InternalError';
  return failure(reason, text.trim() || `the agent answered ${code}`);
}
