// AES-256-GCM over a stream, in chunks that are each authentic and in their place (the STREAM construction of Hoang,
// Reyhanitabar, Rogaway and Vizár, 2015): the nonce counts chunks and marks the last, so that chunks cannot be changed,
// swapped, repeated or cut off unnoticed, and nothing is given out before it is verified.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { BackupError } from './errors.ts';

export const chunkBytes: number = 1024 * 1024;
const tagBytes = 16;

/** Encrypts with a key that is used for this one stream only; `context` is authenticated with every chunk. */
export function encryptStream(key: Buffer, context: Buffer): Transform {
  return chunked(chunkBytes, (chunk, counter, isLast) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(counter, isLast)).setAAD(context);
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  });
}

/** The reverse; fails with BackupError `damaged` at the first chunk that is not what was written. */
export function decryptStream(key: Buffer, context: Buffer): Transform {
  return chunked(chunkBytes + tagBytes, (chunk, counter, isLast) => {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter, isLast), { authTagLength: tagBytes });
      decipher.setAAD(context).setAuthTag(chunk.subarray(-tagBytes));
      return Buffer.concat([decipher.update(chunk.subarray(0, -tagBytes)), decipher.final()]);
    } catch (cause) {
      const where = `at ${counter} MiB`;
      throw new BackupError('damaged', `the backup is damaged ${where}: bytes are missing or were changed`, cause);
    }
  });
}

function nonce(counter: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(counter, 7);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}

/** Cuts a stream into pieces of `size`, the last one shorter or equal, and passes each through `work`. */
function chunked(size: number, work: (chunk: Buffer, counter: number, isLast: boolean) => Buffer): Transform {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let counter = 0;
  const take = (bytes: number): Buffer => {
    const all = Buffer.concat(waiting);
    waiting = [all.subarray(bytes)];
    waitingBytes -= bytes;
    return all.subarray(0, bytes);
  };
  const guarded = (done: TransformCallback, run: () => void): void => {
    try {
      run();
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      guarded(done, () => {
        waiting.push(chunk);
        waitingBytes += chunk.length;
        // One byte more than a piece proves that the piece is not the last.
        while (waitingBytes > size) this.push(work(take(size), counter++, false));
      });
    },
    flush(done) {
      guarded(done, () => {
        this.push(work(take(waitingBytes), counter, true));
      });
    },
  });
}
