// One query in, one response out: the cluster's names from the zone, everything else from upstream. Answers about the
// cluster are remembered as bytes by the bytes of their question, so a repeated lookup costs one map access and a copy.
import type { Upstream } from './upstream.ts';
import { encodeResponse, parseQuery, recordTypes, responseCodes, udpLimit } from './wire.ts';
import type { DnsAnswer, DnsRecord, Query } from './wire.ts';
import type { Zone } from './zone.ts';
import { truncateResponse } from './foreign-message.ts';
import { readAddresses } from './read-addresses.ts';

export type Transport = 'udp' | 'tcp';

export interface DnsCounters {
  queries: number;
  remembered: number;
  forwarded: number;
  failed: number;
}

export interface Responder {
  /** The response, a promise of it, or undefined for what deserves none. */
  respond(message: Buffer, transport: Transport): Buffer | Promise<Buffer | undefined> | undefined;
  /** Cluster names have changed. */
  forget(): void;
  /** From now on the zone is complete; before, cluster names answer SERVFAIL so that clients ask again. */
  setReady(): void;
  readonly counters: Readonly<DnsCounters>;
}

const rememberedQuestions = 20_000;
const tcpLimit = 65_535;
const failure = (code: number): DnsAnswer => ({ code, authoritative: false, answers: [] });

/** A responder over a zone and an upstream. */
export function createResponder(zone: Zone, upstream: Upstream): Responder {
  const counters: DnsCounters = { queries: 0, remembered: 0, forwarded: 0, failed: 0 };
  const remembered = new Map<string, { variants: Buffer[]; next: number }>();
  let isReady = false;

  const limitOf = (query: Query, transport: Transport): number => (transport === 'tcp' ? tcpLimit : udpLimit(query));
  const forward = async (message: Buffer, query: Query, transport: Transport): Promise<Buffer> => {
    const known = upstream.recall(message, query);
    if (known === undefined) counters.forwarded++;
    const response = known ?? (await upstream.ask(message, query));
    if (response === undefined) {
      counters.failed++;
      return encodeResponse(query, failure(responseCodes.SERVFAIL), limitOf(query, transport));
    }
    if (response.length <= limitOf(query, transport)) return response;
    return truncateResponse(response, query.questionEnd);
  };
  /** An ExternalName: our alias first, then what its target leads to. */
  const follow = async (query: Query, answer: DnsAnswer, alias: string, transport: Transport): Promise<Buffer> => {
    const target: DnsAnswer = zone.owns(alias.toLowerCase())
      ? zone.resolve(alias, query.type)
      : await readAddresses(upstream, alias, query.type);
    const answers = [...answer.answers, ...target.answers];
    return encodeResponse(query, { ...answer, code: target.code, answers }, limitOf(query, transport));
  };
  const answerOurs = (query: Query, transport: Transport, key: string): Buffer | Promise<Buffer> => {
    if (!isReady) return encodeResponse(query, failure(responseCodes.SERVFAIL), 512);
    const answer = zone.resolve(query.name, query.type);
    if (answer.alias !== undefined) return follow(query, answer, answer.alias, transport);
    // Several addresses are handed out in turn: the first is the one most clients use.
    const turns = query.type === recordTypes.A ? Math.min(8, Math.max(1, answer.answers.length)) : 1;
    const variants = Array.from({ length: turns }, (_, turn) =>
      encodeResponse(query, { ...answer, answers: rotate(answer.answers, turn, turns) }, limitOf(query, transport)),
    );
    if (remembered.size >= rememberedQuestions) remembered.clear();
    remembered.set(key, { variants, next: 1 });
    return variants[0] ?? encodeResponse(query, failure(responseCodes.SERVFAIL), 512);
  };

  return {
    counters,
    respond(message, transport) {
      counters.queries++;
      const key = transport[0] + message.toString('latin1', 2);
      const known = remembered.get(key);
      if (known !== undefined) {
        counters.remembered++;
        const variant = known.variants[known.next++ % known.variants.length] as Buffer;
        const copy = Buffer.allocUnsafe(variant.length);
        variant.copy(copy);
        copy[0] = message[0] ?? 0;
        copy[1] = message[1] ?? 0;
        return copy;
      }
      const query = parseQuery(message);
      if (query === undefined) return malformed(message);
      if (query.opcode !== 0) return encodeResponse(query, failure(responseCodes.NOTIMP), 512);
      if (query.edns !== undefined && query.edns.version > 0) return encodeResponse(query, failure(16), 512); // BADVERS
      if (query.class !== 1) return encodeResponse(query, failure(responseCodes.REFUSED), 512);
      if (zone.owns(query.name.toLowerCase())) return answerOurs(query, transport, key);
      return forward(message, query, transport);
    },
    forget: () => remembered.clear(),
    setReady() {
      isReady = true;
      remembered.clear();
    },
  };
}

function rotate(records: readonly DnsRecord[], turn: number, turns: number): readonly DnsRecord[] {
  if (turns < 2) return records;
  const start = Math.floor((turn * records.length) / turns);
  return [...records.slice(start), ...records.slice(0, start)];
}

/** FORMERR to what looks like a query; nothing to a response or a fragment (two servers would answer each other forever). */
function malformed(message: Buffer): Buffer | undefined {
  if (message.length < 12 || (message.readUInt16BE(2) & 0x8000) !== 0) return undefined;
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8080 | responseCodes.FORMERR, 2);
  return header;
}
