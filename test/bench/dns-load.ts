// Asks a DNS server as fast as it answers, with a fixed number of questions under way: `dns-load.ts ADDRESS WINDOW COUNT`.
// Prints one JSON line: answers per second and the 99th percentile of the time one took.
import { createSocket } from 'node:dgram';
import { encode } from 'dns-packet';

const [address = '127.0.0.1', windowText = '48', countText = '100000'] = process.argv.slice(2);
const count = Number(countText);
const questions = Array.from({ length: 1_000 }, (_, index) =>
  encode({ type: 'query', flags: 0x0100, questions: [{ type: 'A', name: `s${index}.default.svc.cluster.local` }] }),
);
const warmUp = Math.min(20_000, count / 5);
const askedMs = new Float64Array(65_536);
const times: number[] = [];
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
let asked = 0;
let begunMs = 0;

function ask(): void {
  const id = asked & 0xffff;
  const question = Buffer.from(questions[asked % questions.length] as Buffer);
  question.writeUInt16BE(id, 0);
  askedMs[id] = performance.now();
  asked++;
  socket.send(question);
}

function finish(): void {
  const seconds = (performance.now() - begunMs) / 1000;
  times.sort((a, b) => a - b);
  const p99Ms = times[Math.floor(times.length * 0.99)] ?? 0;
  process.stdout.write(`${JSON.stringify({ perSecond: times.length / seconds, p99Ms })}\n`);
  process.exit(0);
}

let answered = 0;
socket.on('message', (message) => {
  answered++;
  if (answered === warmUp) begunMs = performance.now();
  else if (answered > warmUp) times.push(performance.now() - (askedMs[message.readUInt16BE(0)] ?? 0));
  if (answered >= count) finish();
  else ask();
});
socket.on('error', () => undefined); // refused until the server listens: the timer below asks again
setInterval(() => {
  if (answered === 0) for (let each = 0; each < Number(windowText); each++) ask();
}, 500);
socket.connect(53, address);
setTimeout(finish, 60_000);
