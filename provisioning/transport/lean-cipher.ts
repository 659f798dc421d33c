// What is sent over SSH is encrypted with less work than the SSH library does by itself: for every packet of 32 KB it takes a
// buffer of its own and prepares the key anew, and what that leaves to collect costs more than encrypting. AES-GCM alone
// (RFC 5647), as one packet is laid out and encrypted at a time; a library that is made otherwise is left as it is, and so is
// a connection whose keys were exchanged anew.
import { createCipheriv, createSecretKey, type CipherGCMTypes, type KeyObject, randomFillSync } from 'node:crypto';

/** The library's cipher of outgoing packets, as far as it is known here. */
interface Cipher {
  readonly _encSSLName: CipherGCMTypes;
  readonly _encKey: Buffer;
  /** 4 bytes that stay and 8 that count packets. */
  readonly _encIV: Buffer;
  readonly _onWrite: (bytes: Buffer) => void;
  _dead: boolean;
  outSeqno: number;
  allocPacket(payloadBytes: number): Buffer;
  encrypt(packet: Buffer): void;
}

/** Payloads up to this size share one buffer: a packet of the window's size and its head. */
const roomBytes = 64 * 1024;
const headBytes = 5;
const blockBytes = 16;

/** Has `connection` (an ssh2 client that is logged in) encrypt so; false when it does not encrypt by AES-GCM as known here. */
export function encryptLeanly(connection: unknown): boolean {
  const cipher = (connection as { _protocol?: { _cipher?: Partial<Cipher> } } | null | undefined)?._protocol?._cipher;
  if (!isKnown(cipher)) return false;
  const key: KeyObject = createSecretKey(cipher._encKey);
  const room = Buffer.allocUnsafe(roomBytes);
  const alloc = cipher.allocPacket.bind(cipher);

  // The library fills a packet and encrypts it before it asks for the next.
  cipher.allocPacket = (payloadBytes) => {
    const unpadded = 1 + payloadBytes; // the length itself is not encrypted
    const padding = blockBytes - (unpadded % blockBytes) + (unpadded % blockBytes > blockBytes - 4 ? blockBytes : 0);
    const total = 4 + unpadded + padding;
    if (total > roomBytes) return alloc(payloadBytes);
    const packet = room.subarray(0, total);
    packet.writeUInt32BE(total - 4, 0);
    packet[4] = padding;
    randomFillSync(packet, headBytes + payloadBytes, padding);
    return packet;
  };
  cipher.encrypt = (packet) => {
    if (cipher._dead) return;
    const gcm = createCipheriv(cipher._encSSLName, key, cipher._encIV);
    const length = Buffer.from(packet.subarray(0, 4));
    gcm.setAAD(length);
    cipher._onWrite(length);
    cipher._onWrite(gcm.update(packet.subarray(4)));
    gcm.final();
    cipher._onWrite(gcm.getAuthTag());
    count(cipher._encIV);
    cipher.outSeqno = (cipher.outSeqno + 1) >>> 0;
  };
  return true;
}

function isKnown(cipher: Partial<Cipher> | undefined): cipher is Cipher {
  return (
    /^aes-(128|256)-gcm$/.test(cipher?._encSSLName ?? '') &&
    Buffer.isBuffer(cipher?._encKey) &&
    Buffer.isBuffer(cipher._encIV) &&
    cipher._encIV.length === 12 &&
    typeof cipher._onWrite === 'function' &&
    typeof cipher.outSeqno === 'number' &&
    typeof cipher._dead === 'boolean' &&
    typeof cipher.allocPacket === 'function' &&
    typeof cipher.encrypt === 'function'
  );
}

/** The next nonce: no two packets of a key may have the same. */
function count(iv: Buffer): void {
  iv.writeBigUInt64BE(BigInt.asUintN(64, iv.readBigUInt64BE(4) + 1n), 4);
}
