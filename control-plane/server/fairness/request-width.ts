// How many seats a request takes: one, but lists as many as they are large. A page by its limit, a whole list by what it
// was the last time; both are estimates, bounded so that one request can never fill a level.
import type { RequestInfo } from '../request/request-info.ts';

const widest = 10;
const objectsPerSeat = 100;
const bytesPerSeat = 256 * 1024;
const mostRemembered = 4096;

export interface RequestWidths {
  of(info: RequestInfo, query: URLSearchParams): number;
  /** Learns from an answer. */
  learn(info: RequestInfo, bytes: number): void;
}

/** Creates the memory of widths. */
export function createRequestWidths(): RequestWidths {
  const lastBytes = new Map<string, number>();
  const clamp = (seats: number): number => Math.min(widest, Math.max(1, Math.ceil(seats)));
  return {
    of(info, query) {
      if (!info.isResource || info.verb !== 'list') return 1;
      const limit = query.size === 0 ? 0 : Number(query.get('limit') ?? 0);
      if (limit > 0) return clamp(limit / objectsPerSeat);
      return clamp((lastBytes.get(`${info.group}/${info.resource}/${info.namespace}`) ?? 0) / bytesPerSeat);
    },
    learn(info, bytes) {
      if (!info.isResource || info.verb !== 'list') return;
      const key = `${info.group}/${info.resource}/${info.namespace}`;
      if (bytes <= bytesPerSeat) lastBytes.delete(key);
      else if (lastBytes.size < mostRemembered || lastBytes.has(key)) lastBytes.set(key, bytes);
    },
  };
}
