// The only caller of nft. Transactions run one after the other; each is applied completely or not at all. One that hangs
// is ended, so that it cannot hold up the others for ever.
import { spawn } from 'node:child_process';

export class NftError extends Error {
  readonly stderr: string;
  constructor(stderr: string, options?: ErrorOptions) {
    super(`nft: ${stderr.trim().split('\n')[0] ?? 'failed'}`, options);
    this.name = 'NftError';
    this.stderr = stderr;
  }
}

/** The largest transaction (10,000 services) takes seconds. */
const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

function runNft(args: readonly string[], input: Iterable<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', args, { stdio: ['pipe', 'pipe', 'pipe'], ...limits });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (cause) => reject(new NftError(cause.message, { cause })));
    child.on('close', (code) => (code === 0 ? resolve(stdout) : reject(new NftError(stderr || `exit ${code}`))));
    // A parse error ends nft before it has read everything; its stderr says why, the broken pipe does not.
    child.stdin.on('error', () => undefined);
    for (const text of input) child.stdin.write(text);
    child.stdin.end();
  });
}

let last: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work, work);
  last = result.catch(() => undefined);
  return result;
}

/** Applies a transaction: statements of nft's language, one per line. */
export async function applyNft(statements: Iterable<string>): Promise<void> {
  await inTurn(() => runNft(['-f', '-'], statements));
}

/** What `nft list …` prints; undefined when the named thing does not exist. Does not wait for transactions. */
export async function listNft(...what: string[]): Promise<string | undefined> {
  try {
    return await runNft(['list', ...what], []);
  } catch (error) {
    if (error instanceof NftError && error.stderr.includes('No such file or directory')) return undefined;
    throw error;
  }
}
