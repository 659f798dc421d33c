// A gRPC health check (grpc.health.v1.Health/Check) spoken directly over HTTP/2: one request of one string field, one
// answer of one enum field; no gRPC library. See github.com/grpc/grpc, doc/health-checking.md.
import { connect, constants } from 'node:http2';

const serving = 1;
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** The check's request in gRPC framing: no compression, length, message. Services' names are short: one length byte. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** The serving status in the answer; 0 when the field is absent. */
export function decodeHealthResponse(frame: Buffer): number {
  const message = frame.subarray(5);
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

export function checkGrpcHealth(
  host: string,
  port: number,
  service: string,
  timeoutMs: number,
): Promise<{ isSuccess: boolean; message: string }> {
  return new Promise((resolve) => {
    const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
    const settle = (isSuccess: boolean, message: string): void => {
      resolve({ isSuccess, message });
      session.destroy();
    };
    const deadline = AbortSignal.timeout(timeoutMs);
    deadline.addEventListener('abort', () =>
      settle(false, `timeout: failed to connect service "${host}:${port}" within ${timeoutMs / 1000}s`),
    );
    session.on('error', (error) => settle(false, error.message));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/1.36',
    });
    const chunks: Buffer[] = [];
    let trailer: string | undefined;
    stream.once('response', (headers) => (trailer = headers['grpc-status'] as string | undefined));
    stream.once('trailers', (headers) => (trailer = headers['grpc-status'] as string | undefined));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error) => settle(false, error.message));
    stream.once('end', () => {
      if (trailer !== undefined && trailer !== '0')
        return settle(false, `error: health rpc failed with code ${trailer}`);
      const status = decodeHealthResponse(Buffer.concat(chunks));
      settle(
        status === serving,
        status === serving ? '' : `service unhealthy (responded with "${statusNames[status] ?? status}")`,
      );
    });
    stream.end(encodeHealthRequest(service));
  });
}
