// Virtual machines on a hypervisor: what a file of them says, and what an adapter of one kind of hypervisor can do. An
// adapter guarantees that a machine is whole or absent, and that it never touches a machine that it has not made.
import type { Credentials, MachineSpec, Role } from '../../contract.ts';

/** A disk image: `file` is brought from this computer, `path` lies on the hypervisor already. */
export type ImageSource = { readonly file: string } | { readonly path: string };

/** What machines start from. With a kernel they boot it directly, else by the image's own loader. */
export interface ImageSpec {
  readonly disk: ImageSource;
  readonly kernel?: ImageSource;
  readonly initrd?: ImageSource;
  /** The kernel's command line; default `root=/dev/vda rw console=ttyS0`. */
  readonly append?: string;
}

/** Where a machine's network card is plugged in. */
export type NetworkAttachment = { readonly bridge: string } | { readonly network: string };

/** The hypervisor and how to work there. */
export interface HypervisorSpec {
  /** How to log in; its `name` is only for messages. */
  readonly host: MachineSpec;
  /** libvirt's own connection URI on the hypervisor. */
  readonly uri: string;
  /** Images, disks and definitions lie in folders of ours below it. */
  readonly folder: string;
  readonly attachment: NetworkAttachment;
  /** `auto` uses the processor's help where the hypervisor offers it. */
  readonly accelerator: 'auto' | 'kvm' | 'emulated';
  /** Machines are reached through the hypervisor, not from here directly. */
  readonly isJumpHost: boolean;
}

/** One machine as it shall be. */
export interface VirtualMachineSpec {
  readonly name: string;
  readonly role: Role;
  /** IPv4 address with its prefix, as `10.0.0.11/24`. */
  readonly cidr: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  readonly image: ImageSpec;
}

/** All that a file of virtual machines says. */
export interface VirtualMachinesSpec {
  readonly cluster: string;
  readonly hypervisor: HypervisorSpec;
  readonly gateway?: string;
  readonly nameservers: readonly string[];
  readonly login: { readonly user: string; readonly authorizedKey: string; readonly credentials: Credentials };
  readonly machines: readonly VirtualMachineSpec[];
}

/** A machine as it is. */
export interface VirtualMachine {
  readonly name: string;
  readonly state: 'running' | 'off';
  /** Names of the snapshots it can go back to. */
  readonly snapshots: readonly string[];
}

/** Files for cloud-init's NoCloud source, by name. */
export type Seed = Readonly<Record<'user-data' | 'meta-data' | 'network-config', string>>;

/** An adapter at work on one hypervisor, for the machines of one cluster. */
export interface Hypervisor {
  /** Throws ProvisioningError `Hypervisor` with figure and remedy when these machines cannot be made here. */
  check(machines: readonly VirtualMachineSpec[]): Promise<void>;
  list(): Promise<readonly VirtualMachine[]>;
  /** Makes disk, seed and definition; on failure nothing of them is left. The machine is off. */
  create(machine: VirtualMachineSpec, seed: Seed): Promise<void>;
  start(name: string): Promise<void>;
  /** Asks it to shut down and, when it has not within `graceSeconds`, cuts its power. */
  stop(name: string, graceSeconds: number): Promise<void>;
  /** Takes machine, disk and snapshots away; finds nothing to do when they are gone. */
  remove(name: string): Promise<void>;
  /** Keeps the disk as it is now under `label`; the machine goes on without a pause. */
  snapshot(name: string, label: string): Promise<void>;
  /** Forgets a snapshot; what was written since stays. */
  dropSnapshot(name: string, label: string): Promise<void>;
  /** Brings the disk back to the snapshot, which is used up; what was written since is lost. The machine is off. */
  revert(name: string, label: string): Promise<void>;
}
