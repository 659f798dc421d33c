// The pause image, made here and fetched from nowhere: a static ELF program of under 200 bytes that ignores SIGCHLD
// (so the kernel reaps orphans for it) and then sleeps for ever. It holds a pod's namespaces open. Pure.
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';

/** The reference under which the image is imported. */
export const pauseImage = 'pilothouse/pause:1';
export const pausePath = '/pause';

const elfHeaderBytes = 64;
const programHeaderBytes = 56;
const codeOffset = elfHeaderBytes + programHeaderBytes;
const loadAddress = 0x400000n;

/** struct sigaction of the kernel: handler SIG_IGN, flags SA_NOCLDWAIT, no restorer, empty mask. */
function ignoreChildren(): Buffer {
  const action = Buffer.alloc(32);
  action.writeBigUInt64LE(1n, 0);
  action.writeBigUInt64LE(2n, 8);
  return action;
}

/** Machine code; each ends with the sigaction that its address computation expects at a fixed distance. */
const programs: Readonly<Record<'x64' | 'arm64', { machine: number; code: () => Buffer }>> = {
  x64: {
    machine: 62,
    code: () => {
      const code = Buffer.from(
        'b80d000000' + // mov eax, rt_sigaction
          'bf11000000' + // mov edi, SIGCHLD
          '488d3517000000' + // lea rsi, [rip+23]: the action at byte 40
          '31d2' + // xor edx, edx
          '41ba08000000' + // mov r10d, 8: size of the mask
          '0f05' + // syscall
          'b822000000' + // loop: mov eax, pause
          '0f05' + // syscall
          'ebf7' + // jmp loop
          '90909090',
        'hex',
      );
      return Buffer.concat([code, ignoreChildren()]);
    },
  },
  arm64: {
    machine: 183,
    code: () => {
      const words = [
        0xd28010c8, // mov x8, rt_sigaction
        0xd2800220, // mov x0, SIGCHLD
        0x10000181, // adr x1, +48: the action at byte 56
        0xd2800002, // mov x2, 0
        0xd2800103, // mov x3, 8
        0xd4000001, // svc 0
        0xd2800928, // loop: mov x8, ppoll
        0xd2800000, // mov x0, 0
        0xd2800001, // mov x1, 0
        0xd2800002, // mov x2, 0
        0xd2800003, // mov x3, 0
        0xd4000001, // svc 0
        0x17fffffa, // b loop
        0xd503201f, // nop
      ];
      const code = Buffer.alloc(words.length * 4);
      words.forEach((word, index) => code.writeUInt32LE(word, index * 4));
      return Buffer.concat([code, ignoreChildren()]);
    },
  },
};

/** The pause program for one processor architecture (Node's name for it). Throws on an architecture without one. */
export function pauseProgram(architecture: string): Buffer {
  const program = architecture === 'x64' || architecture === 'arm64' ? programs[architecture] : undefined;
  if (program === undefined) throw new Error(`there is no pause program for ${architecture}; x64 and arm64 have one`);
  const code = program.code();
  const size = BigInt(codeOffset + code.length);
  const file = Buffer.alloc(codeOffset);
  file.write('\x7fELF', 0, 'latin1');
  file.set([2, 1, 1], 4); // 64 bits, little endian, version 1
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(program.machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(loadAddress + BigInt(codeOffset), 24); // entry
  file.writeBigUInt64LE(BigInt(elfHeaderBytes), 32); // program headers
  file.writeUInt16LE(elfHeaderBytes, 52);
  file.writeUInt16LE(programHeaderBytes, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // PT_LOAD
  file.writeUInt32LE(5, 68); // readable, executable
  file.writeBigUInt64LE(0n, 72);
  file.writeBigUInt64LE(loadAddress, 80);
  file.writeBigUInt64LE(loadAddress, 88);
  file.writeBigUInt64LE(size, 96);
  file.writeBigUInt64LE(size, 104);
  file.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([file, code]);
}

/** The image's file system as a tar stream, ready to import. */
export function pauseFileSystem(architecture: string): Readable {
  const archive = pack();
  archive.entry({ name: 'pause', mode: 0o755, mtime: new Date(0) }, pauseProgram(architecture));
  archive.finalize();
  return Readable.from(archive);
}
