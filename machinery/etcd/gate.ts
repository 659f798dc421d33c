// The door to an embedded etcd for everybody but its own process: TLS with client certificates on loopback, ended here and
// handed on, byte by byte, to etcd's socket. Guarantees: `onGuest` is called before the first byte of a guest reaches
// etcd, and what it answers once the guest's connection to etcd is gone; certificates are those that lie on disk now.
import { readFileSync, statSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

export interface GateOptions {
  /** Paths of PEM files. */
  readonly files: { readonly ca: string; readonly cert: string; readonly key: string };
  /** etcd's own socket. */
  readonly socketPath: string;
  readonly onGuest: () => () => void;
}

export interface Gate {
  readonly port: number;
  /** Ends every guest's connection. */
  close(): void;
}

/** Opens it on a free port; rejects when the certificates cannot be read. */
export async function openGate({ files, socketPath, onGuest }: GateOptions): Promise<Gate> {
  const guests = new Set<TLSSocket>();
  const server = createServer({
    ...readCertificates(files),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  followCertificates(server, files);
  server.on('secureConnection', (guest) => {
    guests.add(guest);
    const leave = onGuest();
    const etcd = connect({ path: socketPath });
    const part = (): void => {
      guest.destroy();
      etcd.destroy();
    };
    guest.on('error', part).on('close', part);
    etcd.on('error', part).on('close', () => {
      part();
      guests.delete(guest);
      leave();
    });
    guest.pipe(etcd).pipe(guest);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const guest of guests) guest.destroy();
    },
  };
}

function readCertificates({ ca, cert, key }: GateOptions['files']): { ca: Buffer; cert: Buffer; key: Buffer } {
  return { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
}

/** Guests come seldom: each is shown the certificate that lies on disk when it comes. */
function followCertificates(server: Server, files: GateOptions['files']): void {
  const stamp = (): string =>
    [files.ca, files.cert, files.key].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs).join();
  let known = stamp();
  server.prependListener('connection', () => {
    const now = stamp();
    if (now === known) return;
    try {
      server.setSecureContext(readCertificates(files));
      known = now;
    } catch {
      // Half written: the one before still holds, and the next guest looks again.
    }
  });
}
