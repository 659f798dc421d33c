// What a chaos drill does to a machine, as shell scripts. Pure.
// Guarantees: the way back lies on the machine before anything is broken; it can be run any number of times, also beside
// itself; and it takes nothing but what a reboot would take too (/run, a transient timer, a rule in the kernel), so that
// a machine that restarts has put itself back.

/** What is broken: the agent or the control plane and etcd stopped, or the machine cut from all others of the cluster. */
export type MachineBreak =
  | { readonly kind: 'agent' | 'master' }
  | {
      readonly kind: 'link';
      /** IPv4 addresses and networks of the others: of machines, and of their pods. */
      readonly others: readonly string[];
      /** Ports by which the machine is administered, spared. */
      readonly sshPorts: readonly number[];
    };

const folder = '/run/pilothouse-drill';
/** The script that puts everything back. */
export const wayBackPath = `${folder}/back`;
const unit = 'pilothouse-drill';
const table = 'inet pilothouse_drill';

const services: Readonly<Record<'agent' | 'master', readonly string[]>> = {
  agent: ['pilothouse-agent'],
  master: ['pilothouse-etcd', 'pilothouse-control-plane'],
};

/** A master whose cluster keeps its state in an etcd elsewhere has none of its own. */
const isHere = (name: string): string => `systemctl cat ${name} >/dev/null 2>&1`;

/** Whether a drill is under way on the machine already. */
export const isUnderWay = `[ -e ${folder} ]`;

/** The script at `wayBackPath`. */
export function wayBack(broken: MachineBreak): string {
  const mend =
    broken.kind === 'link'
      ? `nft delete table ${table} 2>/dev/null
if nft list table ${table} >/dev/null 2>&1; then exit 1; fi`
      : services[broken.kind]
          .map(
            (name) =>
              `if ${isHere(name)}; then systemctl reset-failed ${name} 2>/dev/null; systemctl start --no-block ${name} || exit 1; fi`,
          )
          .join('\n');
  return `#!/bin/sh
# Puts back what a chaos drill of the console broke.
${mend}
rm -rf ${folder}
systemctl stop ${unit}.timer 2>/dev/null
exit 0
`;
}

/** Starts the dead man's timer: the machine puts itself back after `seconds`, whatever becomes of the console. */
export function armScript(seconds: number): string {
  return `systemctl reset-failed ${unit}.service ${unit}.timer 2>/dev/null
systemd-run --quiet --collect --unit=${unit} --on-active=${seconds}s --timer-property=AccuracySec=500ms sh ${wayBackPath} && systemctl -q is-active ${unit}.timer`;
}

/** Breaks it; what the script reads from its input is `breakInput`. */
export function breakScript(broken: MachineBreak): string {
  if (broken.kind === 'link') return 'nft -f -';
  return [...services[broken.kind]]
    .reverse()
    .map((name) => `if ${isHere(name)}; then systemctl stop ${name} || exit 1; fi`)
    .join('\n');
}

/**
 * The rules that cut a machine off: nothing comes in and nothing goes out, after addresses are what they are on the wire.
 * TCP takes it for silence; who sends UDP from the machine itself is told EPERM, as by any drop on the way out.
 */
export function breakInput(broken: MachineBreak): string | undefined {
  if (broken.kind !== 'link') return undefined;
  const ports = [...new Set([22, ...broken.sshPorts])].join(', ');
  return `table ${table} {
  set others { type ipv4_addr; flags interval; auto-merge; elements = { ${broken.others.join(', ')} } }
  chain in {
    type filter hook prerouting priority -310; policy accept;
    iifname "lo" accept
    tcp dport { ${ports} } accept
    ip saddr @others drop
  }
  chain out {
    type filter hook postrouting priority 310; policy accept;
    oifname "lo" accept
    tcp sport { ${ports} } accept
    ip daddr @others drop
  }
}
`;
}

/** Puts it back now; done also when it was put back before. */
export const putBackScript = `if [ -e ${wayBackPath} ]; then sh ${wayBackPath}; fi`;

/** Succeeds when nothing of a drill is left on the machine and what runs there by nature runs. */
export function checkScript(broken: MachineBreak): string {
  const runs =
    broken.kind === 'link'
      ? `! nft list table ${table} >/dev/null 2>&1`
      : services[broken.kind].map((name) => `{ ! ${isHere(name)} || systemctl -q is-active ${name}; }`).join(' && ');
  return `[ ! -e ${folder} ] && ! systemctl -q is-active ${unit}.timer && ${runs}`;
}
