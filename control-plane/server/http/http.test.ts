// Negotiation, names of peers and upgrade heads, by table.
import { describe, expect, it } from 'vitest';
import { upgradeHead } from '../kubelet/upgrade.ts';
import { streamQuery } from '../subresources/pod-connect.ts';
import { splitProxyName } from '../subresources/proxy-targets.ts';
import { negotiate } from './negotiate.ts';

describe('negotiate', () => {
  it.each([
    [undefined, 'json', 'none'],
    ['*/*', 'json', 'none'],
    ['application/yaml', 'yaml', 'none'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json', 'none'],
    ['application/vnd.kubernetes.protobuf', 'protobuf', 'none'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'json', 'table'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json', 'none'],
    [
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      'json',
      'metadata',
    ],
    ['application/yaml;q=0.5,application/json;q=0.9', 'json', 'none'],
  ])('%s', (accept, encoding, projection) => {
    expect(negotiate(accept)).toMatchObject({ encoding, projection });
  });
  it('refuses what it cannot serve', () => {
    expect(() => negotiate('image/png')).toThrow('only the following media types');
    expect(() => negotiate('application/yaml', true)).toThrow();
  });
});

describe('upgrade requests to agents', () => {
  it('keep the stream protocol and drop the client’s credentials', () => {
    const head = upgradeHead('GET', '/exec/n/p/c?command=ls', '10.0.0.1:10250', {
      host: 'api',
      authorization: 'Bearer secret',
      'impersonate-user': 'x',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': 'v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0',
    });
    expect(head).toBe(
      [
        'GET /exec/n/p/c?command=ls HTTP/1.1',
        'Host: 10.0.0.1:10250',
        'connection: Upgrade',
        'upgrade: websocket',
        'sec-websocket-protocol: v5.channel.k8s.io',
        '',
        '',
      ].join('\r\n'),
    );
  });
  it('spell stream options as agents do', () => {
    expect(
      streamQuery(new URLSearchParams('stdin=true&stdout=1&stderr=false&tty=true&command=a&command=b c')).toString(),
    ).toBe('input=1&output=1&tty=1&command=a&command=b+c');
  });
});

describe('proxied names', () => {
  it.each([
    ['a', { scheme: '', name: 'a', port: '' }],
    ['a:80', { scheme: '', name: 'a', port: '80' }],
    ['https:a:web', { scheme: 'https', name: 'a', port: 'web' }],
    ['https:a:', { scheme: 'https', name: 'a', port: '' }],
  ])('%s', (text, expected) => {
    expect(splitProxyName(text)).toEqual(expected);
  });
  it.each(['ftp:a:1', 'a:b:c:d'])('%s is refused', (text) => {
    expect(() => splitProxyName(text)).toThrow('invalid proxy request');
  });
});
