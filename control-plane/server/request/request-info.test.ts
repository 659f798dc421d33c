import { describe, expect, it } from 'vitest';
import { MalformedPathError, parseRequestInfo } from './request-info.ts';

describe('parseRequestInfo', () => {
  it.each([
    [
      'GET',
      '/api/v1/pods',
      false,
      { verb: 'list', group: '', version: 'v1', namespace: '', resource: 'pods', name: '' },
    ],
    ['GET', '/api/v1/namespaces/a/pods', true, { verb: 'watch', namespace: 'a', resource: 'pods' }],
    ['GET', '/api/v1/watch/namespaces/a/pods/b', false, { verb: 'watch', namespace: 'a', resource: 'pods', name: 'b' }],
    ['GET', '/api/v1/namespaces/a/pods/b', true, { verb: 'get', name: 'b' }],
    ['GET', '/api/v1/namespaces/a', false, { verb: 'get', resource: 'namespaces', namespace: 'a', name: 'a' }],
    ['PUT', '/api/v1/namespaces/a/finalize', false, { resource: 'namespaces', name: 'a', subresource: 'finalize' }],
    [
      'POST',
      '/api/v1/namespaces/a/pods/b/binding',
      false,
      { verb: 'create', resource: 'pods', name: 'b', subresource: 'binding' },
    ],
    [
      'DELETE',
      '/apis/apps/v1/namespaces/a/deployments',
      false,
      { verb: 'deletecollection', group: 'apps', version: 'v1', resource: 'deployments' },
    ],
    [
      'GET',
      '/api/v1/namespaces/a/services/https:s:443/proxy/x%2fy/../z',
      false,
      { name: 'https:s:443', subresource: 'proxy', rest: '/x%2fy/../z' },
    ],
    ['GET', '/api/v1/nodes/n/proxy', false, { resource: 'nodes', name: 'n', subresource: 'proxy', rest: '' }],
  ])('%s %s', (method, path, isWatch, expected) => {
    expect(parseRequestInfo(method, path, isWatch)).toMatchObject({ isResource: true, ...expected });
  });

  it.each(['/healthz', '/api', '/apis/apps', '/api/v1', '/'])('%s is no resource', (path) => {
    expect(parseRequestInfo('GET', path, false)).toEqual({ isResource: false, verb: 'get', path });
  });

  it.each([
    '/api/v1/namespaces//pods',
    '/api/v1/namespaces/a/pods/..',
    '/api/v1/namespaces/a/pods/a%2fb',
    '/api/v1/namespaces/a/pods/%ff',
    '/api/v1/namespaces/a/pods/%00',
  ])('%s is refused', (path) => {
    expect(() => parseRequestInfo('GET', path, false)).toThrow(MalformedPathError);
  });
});
