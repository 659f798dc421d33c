// The rules of the house as data: which folder may import which, and why. docs/house.md tells the same in words.

export interface FolderRule {
  /** The folder the rule speaks of. */
  readonly folder: string;
  /** Top-level folders it may import, besides itself. */
  readonly mayImport: readonly string[];
  /** Why not more. */
  readonly why: string;
}

export const folderRules: readonly FolderRule[] = [
  { folder: 'api', mayImport: [], why: 'the contract is pure: every part and the browser read it, so it needs nobody' },
  { folder: 'machinery', mayImport: ['api'], why: 'machinery serves every long-running part and knows none of them' },
  { folder: 'control-plane', mayImport: ['api', 'machinery'], why: 'it meets agents and consoles over HTTPS only' },
  { folder: 'agent', mayImport: ['api', 'machinery'], why: 'it meets the control plane over HTTPS only' },
  {
    folder: 'provisioning',
    mayImport: ['api', 'machinery'],
    why: 'it meets machines over SSH only, and must install any version',
  },
  {
    folder: 'electron/services',
    mayImport: ['api', 'machinery', 'provisioning'],
    why: 'a console is a client: it never runs cluster code',
  },
  {
    folder: 'electron',
    mayImport: ['api', 'machinery', 'provisioning'],
    why: 'the shell opens a window on the services, and nothing else',
  },
  {
    folder: 'renderer',
    mayImport: ['api'],
    why: 'the browser side has no Node; it reaches the world through its bridge alone',
  },
  {
    folder: 'cli',
    mayImport: ['api', 'machinery', 'provisioning', 'control-plane', 'agent', 'electron'],
    why: 'the command line is the composition root of all programs',
  },
];

export interface PackageRule {
  /** The foreign package, or a pattern of packages. */
  readonly package: RegExp;
  /** Path prefixes that may import it. */
  readonly only: readonly string[];
  readonly why: string;
}

export const packageRules: readonly PackageRule[] = [
  {
    package: /^dockerode$/,
    only: ['agent/runtime/', 'agent/testing/'],
    why: 'the rest of the agent speaks the container-runtime contract',
  },
  { package: /^(node-ssh|ssh2)$/, only: ['provisioning/transport/'], why: 'host keys are checked in one place' },
  {
    package: /^electron$/,
    only: ['electron/main.ts', 'electron/preload.ts'],
    why: 'the same console runs without Electron',
  },
  {
    package: /^re2js$/,
    only: ['machinery/cel/'],
    why: 'patterns of strangers are matched in linear time in one place',
  },
  { package: /^@peculiar\/x509$/, only: ['machinery/pki/'], why: 'certificates are made in one place' },
];

export interface ContentRule {
  readonly pattern: RegExp;
  /** Path prefixes where the pattern is at home. */
  readonly except: readonly string[];
  readonly why: string;
}

export const contentRules: readonly ContentRule[] = [
  {
    pattern: /\bsetInterval\(/,
    except: ['machinery/', 'renderer/', 'build/', 'cli/'],
    why: 'loops go through the clock, so that tests own the time',
  },
  {
    pattern: /spawn(Sync)?\(\s*['"]nft['"]|execFile(Sync)?\(\s*['"]nft['"]/,
    except: ['agent/nftables/'],
    why: 'proxy and policy hand rules to one caller of nft as data',
  },
];
