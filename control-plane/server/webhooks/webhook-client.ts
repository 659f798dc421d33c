// Calls a webhook over HTTPS: by URL, or by Service, whose endpoints are asked directly so that it works on machines
// without a service proxy too. Bounded in time and in what it reads.
import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { ServerParts } from '../parts.ts';
import { resolveService } from '../subresources/proxy-targets.ts';
import type { Webhook } from './webhook.ts';

const maxAnswerBytes = 8 * 1024 * 1024;
const defaultTimeoutSeconds = 10;
const timedOut = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

/** What is called: an admission webhook, or a CRD's conversion webhook. */
export interface Callable {
  readonly hook: Pick<Webhook['hook'], 'clientConfig' | 'timeoutSeconds'>;
}

/** Posts a body to webhooks. */
export interface WebhookClient {
  /** The answer's body; rejects with an Error that says why there is none. */
  call(webhook: Callable, body: string): Promise<string>;
  close(): void;
}

/** Creates the client. */
export function createWebhookClient(parts: Pick<ServerParts, 'reader'>): WebhookClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: 60_000 });
  return {
    close: () => agent.destroy(),
    async call({ hook }, body) {
      const timeoutSeconds = hook.timeoutSeconds ?? defaultTimeoutSeconds;
      const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
      const target = await targetOf(parts, hook.clientConfig);
      const path = withTimeout(target.path, timeoutSeconds);
      const ca =
        hook.clientConfig.caBundle === undefined
          ? undefined
          : Buffer.from(hook.clientConfig.caBundle, 'base64').toString();
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      return new Promise((resolve, reject) => {
        const { host, port, servername } = target;
        // Whatever breaks when the time is over breaks because of that.
        const fail = (error: Error): void =>
          reject(
            new Error(`Post "https://${target.name}${path}": ${deadline.aborted ? timedOut : error.message}`, {
              cause: error,
            }),
          );
        const outgoing = request(
          { agent, host, port, path, servername, ca, method: 'POST', headers, signal: deadline },
          (answer) => {
            const chunks: Buffer[] = [];
            let size = 0;
            answer.on('data', (chunk: Buffer) => {
              size += chunk.length;
              if (size > maxAnswerBytes) answer.destroy(new Error('the answer is too large'));
              else chunks.push(chunk);
            });
            answer.on('error', fail);
            answer.on('end', () => {
              const code = answer.statusCode ?? 0;
              if (code >= 200 && code < 300) resolve(Buffer.concat(chunks).toString());
              else
                reject(
                  new Error(
                    `an error on the server (${Buffer.concat(chunks).toString().slice(0, 200)}) has prevented the request from succeeding: it answered ${code}`,
                  ),
                );
            });
          },
        );
        outgoing.on('error', fail);
        outgoing.end(body);
      });
    },
  };
}

/** The webhook is told how long it has. */
function withTimeout(path: string, seconds: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}timeout=${seconds}s`;
}

interface Target {
  /** Host and port as the configuration names them. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Undefined for addresses, which certificates name as such. */
  readonly servername: string | undefined;
}

async function targetOf(
  parts: Pick<ServerParts, 'reader'>,
  { url, service }: Webhook['hook']['clientConfig'],
): Promise<Target> {
  if (url !== undefined) {
    const { hostname, port, pathname, search, host: name } = new URL(url);
    return {
      name,
      host: hostname,
      port: port === '' ? 443 : Number(port),
      path: pathname + search,
      servername: isIP(hostname) === 0 ? hostname : undefined,
    };
  }
  if (service === undefined) throw new Error('the webhook names neither url nor service');
  const { host, port } = await resolveService(parts, service.namespace, {
    scheme: 'https',
    name: service.name,
    port: String(service.port ?? 443),
  });
  const servername = `${service.name}.${service.namespace}.svc`;
  return { name: `${servername}:${service.port ?? 443}`, host, port, path: service.path ?? '/', servername };
}
