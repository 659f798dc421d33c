import { describe, expect, it } from 'vitest';
import { createCertificateRequest, inspectCertificateRequest } from './index.ts';

describe('a certificate request', () => {
  it('names the user and the groups, and comes with its key', async () => {
    const { csr, key } = await createCertificateRequest('ada', ['pilots', 'night-shift']);
    expect(await inspectCertificateRequest(csr)).toMatchObject({
      commonName: 'ada',
      organizations: ['pilots', 'night-shift'],
    });
    expect(key).toContain('BEGIN PRIVATE KEY');
  });
});
