import { describe, expect, it } from 'vitest';
import { parseResolvConf, parseResolver } from './resolv-conf.ts';

describe('the machine’s resolvers', () => {
  it('are its nameserver lines, without ourselves and what is no address', () => {
    const text =
      '# a comment\nsearch example.com\nnameserver 10.96.0.10\n nameserver 192.168.1.1 \nnameserver fe80::1%eth0\nnameserver bogus\n';
    expect(parseResolvConf(text, ['10.96.0.10'])).toEqual([
      { address: '192.168.1.1', port: 53 },
      { address: 'fe80::1', port: 53 },
    ]);
  });

  it('may be named with a port', () => {
    expect(parseResolver('10.0.0.53:5353')).toEqual({ address: '10.0.0.53', port: 5353 });
    expect(parseResolver('10.0.0.53')).toEqual({ address: '10.0.0.53', port: 53 });
    expect(parseResolver('dns.example')).toBeUndefined();
  });
});
