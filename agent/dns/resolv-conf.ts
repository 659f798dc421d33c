// The machine's own resolvers, from resolv.conf(5).
import { isIP } from 'node:net';
import type { Resolver } from './exchange.ts';

/** The `nameserver` lines, without `except` (asking ourselves would never end). Pure. */
export function parseResolvConf(text: string, except: readonly string[]): Resolver[] {
  const resolvers: Resolver[] = [];
  for (const line of text.split('\n')) {
    const address = /^\s*nameserver\s+(\S+)/.exec(line)?.[1]?.replace(/%.*$/, '');
    if (address === undefined || isIP(address) === 0 || except.includes(address)) continue;
    resolvers.push({ address, port: 53 });
  }
  return resolvers;
}

/** "10.0.0.53" or "10.0.0.53:5353" → resolver; undefined for anything else. */
export function parseResolver(text: string): Resolver | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? text;
  return isIP(address) === 0 ? undefined : { address, port: Number(match?.[2] ?? 53) };
}
