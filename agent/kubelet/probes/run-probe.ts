// Makes one probe: HTTP(S), TCP, exec or gRPC. Never rejects: what went wrong is the failure's sentence.
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import type { Container, LifecycleHandler, Pod, Probe } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import { checkGrpcHealth } from './grpc-health.ts';

export interface ProbeTarget {
  readonly pod: Readonly<Pod>;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

export interface ProbeOutcome {
  readonly isSuccess: boolean;
  readonly message: string;
}

export type ProbeAction = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

const largestOutputBytes = 10 * 1024;

export async function runProbe(
  action: ProbeAction,
  target: ProbeTarget,
  { runtime, clock, timeoutMs }: { runtime: ContainerRuntime; clock: Clock; timeoutMs: number },
): Promise<ProbeOutcome> {
  try {
    if (action.httpGet !== undefined) return await get(action.httpGet, target, timeoutMs);
    if (action.tcpSocket !== undefined) {
      const { host, port } = action.tcpSocket;
      return await dial(host || target.podIp, portOf(port, target.container), timeoutMs);
    }
    if (action.exec !== undefined)
      return await runCommand(action.exec.command ?? [], target, runtime, clock, timeoutMs);
    if (action.grpc !== undefined) {
      return await checkGrpcHealth(target.podIp, action.grpc.port, action.grpc.service ?? '', timeoutMs);
    }
    return { isSuccess: false, message: 'the probe names no action' };
  } catch (error) {
    return { isSuccess: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** A port by number, or by the name of one of the container's ports. Throws when there is none of that name. */
export function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
  if (!Number.isInteger(named)) throw new Error(`couldn't find port: ${port} for container ${container.name}`);
  return named;
}

function get(action: NonNullable<Probe['httpGet']>, target: ProbeTarget, timeoutMs: number): Promise<ProbeOutcome> {
  const isTls = action.scheme === 'HTTPS';
  const port = portOf(action.port, target.container);
  const host = action.host || target.podIp;
  const path = action.path === undefined || action.path === '' ? '/' : action.path;
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', Connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = name.toLowerCase() === 'user-agent' ? 'User-Agent' : name.toLowerCase() === 'accept' ? 'Accept' : name;
    headers[key] = value;
  }
  return new Promise((resolve) => {
    const settle = (isSuccess: boolean, message: string): void => {
      resolve({ isSuccess, message });
      request.destroy();
    };
    const options = {
      host,
      port,
      path: path.startsWith('/') ? path : `/${path}`,
      headers,
      agent: false as const,
      rejectUnauthorized: false,
      // Upstream's probes take what small servers send, such as lines that end without CR.
      insecureHTTPParser: true,
    };
    const request = (isTls ? https : http).request(options, (response) => {
      const status = response.statusCode ?? 0;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (body.length < largestOutputBytes) body += text;
      });
      response.on('error', (error) => settle(false, error.message));
      response.once('end', () => {
        if (status >= 200 && status < 400) settle(true, body.slice(0, largestOutputBytes));
        else settle(false, `HTTP probe failed with statuscode: ${status}`);
      });
    });
    const url = `http${isTls ? 's' : ''}://${host}:${port}${path}`;
    request.setTimeout(timeoutMs);
    const deadline = AbortSignal.timeout(timeoutMs);
    const late = (): void =>
      settle(false, `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`);
    deadline.addEventListener('abort', late, { once: true });
    request.once('close', () => deadline.removeEventListener('abort', late));
    request.on('error', (error) => settle(false, `Get "${url}": ${error.message}`));
    request.end();
  });
}

function dial(host: string, port: number, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const settle = (isSuccess: boolean, message: string): void => {
      resolve({ isSuccess, message });
      socket.destroy();
    };
    socket.once('connect', () => settle(true, ''));
    socket.once('timeout', () => settle(false, `dial tcp ${host}:${port}: i/o timeout`));
    socket.on('error', (error) => settle(false, `dial tcp ${host}:${port}: ${error.message}`));
  });
}

async function runCommand(
  command: readonly string[],
  target: ProbeTarget,
  runtime: ContainerRuntime,
  clock: Clock,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const session = await runtime.exec(target.containerId, {
    command,
    stdin: false,
    stdout: true,
    stderr: true,
    tty: false,
  });
  let output = '';
  const collect = (data: Buffer): void => {
    if (output.length < largestOutputBytes) output += data.toString('utf8');
  };
  session.stdout.on('data', collect);
  session.stderr.on('data', collect);
  const timer = new AbortController();
  const late = clock.sleep(timeoutMs, timer.signal).then(() => 'late' as const);
  try {
    const code = await Promise.race([session.exitCode, late]);
    if (code === 'late')
      return {
        isSuccess: false,
        message: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`,
      };
    return { isSuccess: code === 0, message: output.slice(0, largestOutputBytes) };
  } finally {
    timer.abort();
    session.close();
  }
}
