// One question to one resolver. UDP first, from a socket with a random port that belongs to this question alone (a guess
// must hit port and id); TCP when the answer was cut.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

export interface Resolver {
  readonly address: string;
  readonly port: number;
}

function sameQuestion(query: Buffer, response: Buffer, questionEnd: number): boolean {
  if (response.length < questionEnd || response.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  const asked = query.toString('latin1', 12, questionEnd).toLowerCase();
  return response.toString('latin1', 12, questionEnd).toLowerCase() === asked;
}

function overUdp(query: Buffer, questionEnd: number, resolver: Resolver, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(resolver.address.includes(':') ? 'udp6' : 'udp4');
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      settle();
    };
    const timer = setTimeout(() => finish(() => reject(new Error(`${resolver.address} did not answer`))), timeoutMs);
    socket.on('error', (error) => finish(() => reject(error)));
    socket.on('message', (response) => {
      if (sameQuestion(query, response, questionEnd)) finish(() => resolve(response));
    });
    socket.on('connect', () => socket.send(query));
    socket.connect(resolver.port, resolver.address);
  });
}

function overTcp(query: Buffer, questionEnd: number, resolver: Resolver, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: resolver.address, port: resolver.port });
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${resolver.address} did not answer`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${resolver.address} closed the connection`)));
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const response = received.subarray(2, 2 + received.readUInt16BE(0));
      if (sameQuestion(query, response, questionEnd)) resolve(response);
      else reject(new Error(`${resolver.address} answered another question`));
      socket.destroy();
    });
  });
}

/** Asks one resolver; rejects when it does not answer in time. The response carries the id of `query`. */
export async function exchange(
  query: Buffer,
  questionEnd: number,
  resolver: Resolver,
  timeoutMs: number,
): Promise<Buffer> {
  const asked = Buffer.from(query);
  asked.writeUInt16BE(randomInt(0x10000), 0);
  let response = await overUdp(asked, questionEnd, resolver, timeoutMs);
  if ((response.readUInt16BE(2) & 0x0200) !== 0) response = await overTcp(asked, questionEnd, resolver, timeoutMs);
  response.writeUInt16BE(query.readUInt16BE(0), 0);
  return response;
}
