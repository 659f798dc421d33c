// What this machine lets us give to containers. Machines that are themselves containers often withhold a capability
// (CAP_SYS_RESOURCE above all): a container that asks for it, or for a negative out-of-memory score, could not start at all.
import { readFileSync } from 'node:fs';

/** In the kernel's order, which is their number; those that every Engine from 20.10 on knows. */
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ';
const capabilities = names.split(' ').map((name) => `CAP_${name}`);

export interface MachineRights {
  /** The lowest oom_score_adj that containers may be given here: -1000, or 0 without the right to lower it. */
  readonly lowestOomScoreAdjust: number;
  /** Capabilities that cannot be given. */
  readonly withheld: readonly string[];
}

/** From a /proc/PID/status, and the number of the kernel's last capability. Pure. */
export function machineRights(procStatus: string, lastCapability: number): MachineRights {
  const mask = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(procStatus)?.[1] ?? '0'}`);
  const known = capabilities.slice(0, lastCapability + 1);
  const withheld = known.filter((_name, number) => (mask & (1n << BigInt(number))) === 0n);
  return { lowestOomScoreAdjust: withheld.includes('CAP_SYS_RESOURCE') ? 0 : -1000, withheld };
}

/** Of this process, whose rights are those of the machine's other services. */
export function machineRightsHere(): MachineRights {
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  return machineRights(readFileSync('/proc/self/status', 'utf8'), last);
}
