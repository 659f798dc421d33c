// For tests: a certificate of its own making, `<name>.crt` with `<name>.key` beside it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Makes it in `folder`; answers its path. */
export function certificate(folder: string, name: string, { isAuthority }: { readonly isAuthority: boolean }): string {
  const path = join(folder, `${name}.crt`);
  const constraints = `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`;
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    join(folder, `${name}.key`),
  ];
  const subject = ['-subj', `/CN=${name} of the site`, '-days', '30', '-addext', constraints];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', path, ...subject], { stdio: 'pipe' });
  return path;
}
