// A TCP connection made inside another process's network namespace. Node cannot change namespaces, so a small child
// does (nsenter and this same Node), and its standard streams are the connection.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';

// process.stdout never ends, whatever is piped into it: its descriptor does, and with it what the pod has ended.
const program = `
const net = require('node:net');
const socket = net.connect({ host: '127.0.0.1', port: Number(process.argv[1]), allowHalfOpen: true });
socket.once('connect', () => { process.stdin.pipe(socket); socket.pipe(new net.Socket({ fd: 1, readable: false })); });
socket.once('error', (error) => { process.stderr.write(error.message); process.exit(1); });
`;

/** Connects to a port of the machine itself, for pods on the host's network. Rejects when nobody listens. */
export function dialHere(port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

/** Connects to 127.0.0.1:port in the network namespace of the process. A refusal ends the stream with its error. */
export function dialInNamespace(pid: number, port: number): Duplex {
  const args = ['--target', String(pid), '--net', '--', process.execPath, '--eval', program, String(port)];
  const child = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (words: string) => (complaint += words));
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once('error', (error) => stream.destroy(new Error(`nsenter: ${error.message}`, { cause: error })));
  child.once('exit', (code) => {
    if (code !== 0 && code !== null)
      stream.destroy(new Error(complaint === '' ? `connection ended: ${code}` : complaint));
  });
  stream.once('close', () => child.kill('SIGKILL'));
  return stream;
}
