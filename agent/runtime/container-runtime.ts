// The contract between the kubelet and whatever runs containers. Promises: every call is idempotent where its sentence
// says so, ids are opaque, times are milliseconds, and nothing here knows Kubernetes objects. A pod is one sandbox
// (the pause container that holds the namespaces) and the containers that joined it. One contract suite
// (`container-runtime-suite.ts`) holds for the Docker and the hollow runtime alike.
import type { Duplex, Readable, Writable } from 'node:stream';

/** Who a sandbox or container belongs to; the runtime keeps it with the container, so that it survives the agent. */
export interface ContainerIdentity {
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
  /** The container's name in the pod; empty for the sandbox. */
  readonly containerName: string;
  /** Counts from 0; the restart count for containers. */
  readonly attempt: number;
}

/** What the runtime saw of one sandbox or container. */
export interface ObservedContainer extends ContainerIdentity {
  readonly id: string;
  readonly kind: 'sandbox' | 'container';
  readonly state: 'created' | 'running' | 'exited';
  /** Process id of its first process on the machine; 0 when not running. */
  readonly pid: number;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly exitCode?: number;
  readonly oomKilled: boolean;
  /** Why it could not be started, as the runtime words it. */
  readonly error?: string;
  /** The image as asked for, and what it resolved to. */
  readonly image: string;
  readonly imageId: string;
  /** Facts that the kubelet stored with it at creation and gets back unread. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The container's log on this machine, where there is one. */
  readonly logPath?: string;
  /** The limits it runs under. */
  readonly resources: ContainerResources;
  /** The folder of what it wrote over its image, where there is one. */
  readonly writablePath?: string;
  /** Folders of volumes that the image declares and nobody mounted over. */
  readonly imageVolumePaths?: readonly string[];
  /** A sandbox that uses the machine's own network. */
  readonly hostNetwork: boolean;
}

/** Limits in the kernel's own units. Absent means unlimited (or the kernel's default). */
export interface ContainerResources {
  readonly cpuShares?: number;
  readonly cpuQuotaMicros?: number;
  readonly cpuPeriodMicros?: number;
  readonly cpusetCpus?: string;
  readonly memoryBytes?: number;
  readonly pidsLimit?: number;
  readonly oomScoreAdjust?: number;
}

export interface SandboxConfig extends ContainerIdentity {
  readonly hostname: string;
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  /** All containers see each other's processes. */
  readonly shareProcesses: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  /** The handler of the pod's RuntimeClass; the runtime's usual one by default. */
  readonly handler?: string;
  readonly cgroupParent?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation?: 'rprivate' | 'rslave' | 'rshared';
  /** With `readOnly`: also what is mounted below it. */
  readonly recursive?: boolean;
}

export interface DeviceMapping {
  readonly source: string;
  readonly target: string;
  readonly permissions: string;
}

/** Which kernel rights a container's processes have. */
export interface ContainerSecurity {
  /** `uid`, `uid:gid` or a name known to the image. */
  readonly user?: string;
  readonly supplementalGroups: readonly number[];
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly noNewPrivileges: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  /** `default`, `unconfined` or the path of a profile on this machine. */
  readonly seccomp: string;
  /** An AppArmor profile's name, where the machine has AppArmor. */
  readonly apparmor?: string;
  /** Do not hide parts of /proc. */
  readonly unmaskedProc: boolean;
  readonly seLinux?: {
    readonly user?: string;
    readonly role?: string;
    readonly type?: string;
    readonly level?: string;
  };
}

export interface ContainerConfig extends ContainerIdentity {
  readonly sandboxId: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly environment: readonly string[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly DeviceMapping[];
  readonly security: ContainerSecurity;
  readonly resources: ContainerResources;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly stopSignal?: string;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  readonly hostNetwork: boolean;
  readonly shareProcesses: boolean;
  /** Join the process namespace of this container (ephemeral containers' targetContainerName). */
  readonly targetContainerId?: string;
  /** As its sandbox's. */
  readonly handler?: string;
  readonly cgroupParent?: string;
  readonly log: { readonly maxBytes: number; readonly maxFiles: number };
  readonly annotations: Readonly<Record<string, string>>;
}

/** What may have changed: one pod (`podUid`), or anything (undefined: the event stream was cut; look at everything). */
export interface RuntimeChange {
  readonly podUid?: string;
  readonly containerId?: string;
}

export interface RuntimeInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly rootDirectory: string;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly cgroupDriver: string;
  readonly cgroupVersion: 1 | 2;
  readonly seccomp: boolean;
  readonly apparmor: boolean;
  /** Mounts can be read-only with everything below them. */
  readonly recursiveReadOnly: boolean;
}

export interface RuntimeImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The user that the image's config names; empty means root. */
  readonly user: string;
  /** Where the image declares volumes; known of images that were looked for by name. */
  readonly volumes?: readonly string[];
  /** Its own environment, as NAME=VALUE; known of images that were looked for by name. */
  readonly environment?: readonly string[];
}

export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly serverAddress?: string;
}

export interface PullOptions {
  readonly credentials?: RegistryCredentials;
  readonly signal?: AbortSignal;
  /** Told now and then: bytes that have come, of those that are known to come. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface ImageStore {
  /** The image if this machine holds it. */
  find(reference: string): Promise<RuntimeImage | undefined>;
  /** Brings the image here; rejects with the registry's or the runtime's own words. */
  pull(reference: string, options: PullOptions): Promise<RuntimeImage>;
  list(): Promise<readonly RuntimeImage[]>;
  /** Shows an image's files, read-only, in a folder that is empty; whoever asked for it unmounts it. */
  mount(id: string, target: string): Promise<void>;
  /** Removes an image that no container uses. Idempotent. */
  remove(id: string): Promise<void>;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A running exec or an attachment. With a tty, everything comes on `stdout`. */
export interface Session {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  resize(columns: number, rows: number): Promise<void>;
  /** The exit code once the streams have ended. */
  readonly exitCode: Promise<number>;
  close(): void;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Every line starts with its RFC 3339 time and a space. */
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceMs?: number;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

export interface ContainerRuntime {
  readonly kind: 'docker' | 'hollow';
  readonly images: ImageStore;
  info(): Promise<RuntimeInfo>;
  /** Everything of ours on this machine, running or not. */
  list(): Promise<readonly ObservedContainer[]>;
  /** One container as it is now; undefined when it is gone. */
  observe(id: string): Promise<ObservedContainer | undefined>;
  /** Calls back after something changed by whatever hand. Returns the unsubscription. */
  onDidChange(listener: (change: RuntimeChange) => void): () => void;

  /** Creates a sandbox without starting it. */
  createSandbox(config: SandboxConfig): Promise<string>;
  /** Creates a container in an existing, perhaps not yet started sandbox. */
  createContainer(config: ContainerConfig): Promise<string>;
  /** Starts what was created. Rejects with the runtime's words when the command cannot be run. Idempotent. */
  start(id: string): Promise<void>;
  /** Asks the container to stop, kills it after the grace. Resolves when it has ended. Idempotent. */
  stop(id: string, graceSeconds: number): Promise<void>;
  /** Sends one signal; nothing when it does not run. */
  signal(id: string, signal: string): Promise<void>;
  /** Removes a container, running or not, with its own writable layer. Idempotent. */
  remove(id: string): Promise<void>;
  /** Changes the limits of a running container. */
  update(id: string, resources: ContainerResources): Promise<void>;

  /** The container's output, both streams in order of time; ends with the container when following. */
  logs(id: string, options: LogOptions): Promise<Readable>;
  exec(id: string, options: ExecOptions): Promise<Session>;
  attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<Session>;
  /** A TCP connection to the port as seen from inside the sandbox. */
  dial(sandboxId: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
}

/** The container does not exist (any more). */
export class ContainerNotFound extends Error {
  override readonly name = 'ContainerNotFound';
}

/** The runtime itself does not answer; worth trying again. */
export class RuntimeUnavailable extends Error {
  override readonly name = 'RuntimeUnavailable';
}

/** The runtime refused: the message is for the pod's status. */
export class RuntimeRefusal extends Error {
  override readonly name = 'RuntimeRefusal';
  readonly statusCode: number;
  constructor(message: string, statusCode: number, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}
