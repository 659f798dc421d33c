// The shell that the libvirt adapter runs on the hypervisor, as text: one script an operation, each all or nothing. Pure.
import { quote } from '../../transport/shell.ts';

/** Paths of one machine on the hypervisor. */
export interface MachineFiles {
  readonly folder: string;
  readonly disk: string;
  readonly seed: string;
  readonly definition: string;
  readonly log: string;
}

export function filesOf(folder: string, cluster: string, name: string): MachineFiles {
  const own = `${folder}/${cluster}`;
  return {
    folder: own,
    disk: `${own}/${name}.qcow2`,
    seed: `${own}/${name}.seed.iso`,
    definition: `${own}/${name}.xml`,
    log: `${own}/${name}.log`,
  };
}

/** The overlay that is written to since the snapshot `label` was taken. */
export function overlayOf(files: MachineFiles, label: string): string {
  return files.disk.replace(/\.qcow2$/, `.since-${label}.qcow2`);
}

/** Ends with 3 unless the domain is the one that our definition describes; a domain that is gone passes. */
export function requireOurs(domain: string, { definition }: MachineFiles): string {
  return `found=$(virsh domuuid ${quote(domain)} 2>/dev/null | head -n1)
if [ -n "$found" ] && ! grep -qsF "<uuid>$found</uuid>" ${quote(definition)}; then echo "the domain ${domain} is somebody else's" >&2; exit 3; fi`;
}

/** Makes the disk and defines the domain; what a failed attempt made is taken away again. */
export function createScript(domain: string, files: MachineFiles, base: string, diskGiB: number): string {
  const all = [files.disk, files.seed, files.definition, files.log].map(quote).join(' ');
  return `set -e
undo() { code=$?; [ $code = 0 ] && return; virsh undefine ${quote(domain)} >/dev/null 2>&1 || true; rm -f ${all}; exit $code; }
trap undo EXIT
format=$(qemu-img info -U --output=json ${quote(base)} | sed -n 's/.*"format": "\\([a-z0-9]*\\)".*/\\1/p' | tail -n1)
qemu-img create -q -f qcow2 -b ${quote(base)} -F "$format" ${quote(files.disk)} ${diskGiB}G
virsh -q define ${quote(files.definition)}`;
}

export function stopScript(domain: string, graceSeconds: number): string {
  const name = quote(domain);
  return `runs() { [ "$(virsh domstate ${name} 2>/dev/null | head -n1)" != "shut off" ]; }
if runs; then
  [ ${graceSeconds} = 0 ] || virsh -q shutdown ${name} || true
  i=0; while runs && [ $i -lt ${graceSeconds} ]; do sleep 1; i=$((i+1)); done
  if runs; then virsh -q destroy ${name}; fi
fi`;
}

export function removeScript(domain: string, files: MachineFiles): string {
  const name = quote(domain);
  return `${requireOurs(domain, files)}
if [ -n "$found" ]; then
  virsh -q destroy ${name} 2>/dev/null || true
  virsh -q undefine --nvram ${name} 2>/dev/null || virsh -q undefine ${name} || exit 1
fi
rm -f ${[files.disk, files.seed, files.definition, files.log].map(quote).join(' ')} ${quote(files.disk.replace(/\.qcow2$/, ''))}.since-*.qcow2
rmdir ${quote(files.folder)} 2>/dev/null || true`;
}

/** One snapshot at a time: the machine writes to an overlay from now on, and the disk below stays as it is. */
export function snapshotScript(domain: string, files: MachineFiles, label: string): string {
  return `set -e
${requireOurs(domain, files)}
set -- ${quote(files.disk.replace(/\.qcow2$/, ''))}.since-*.qcow2
if [ -e "$1" ]; then echo "there is a snapshot already: $1" >&2; exit 4; fi
virsh -q snapshot-create-as ${quote(domain)} ${quote(label)} --disk-only --atomic --no-metadata --diskspec vda,file=${quote(overlayOf(files, label))} --diskspec vdb,snapshot=no`;
}

/** Merges the overlay into the disk below: live where the machine runs, else by qemu-img. */
export function dropScript(domain: string, files: MachineFiles, label: string): string {
  const [name, overlay] = [quote(domain), quote(overlayOf(files, label))];
  return `set -e
${requireOurs(domain, files)}
[ -e ${overlay} ] || exit 0
if [ "$(virsh domstate ${name} | head -n1)" = "shut off" ]; then
  qemu-img commit -q ${overlay}
  virsh -q define ${quote(files.definition)}
else
  virsh -q blockcommit ${name} vda --shallow --active --pivot --wait
  virsh -q define ${quote(files.definition)}
fi
rm -f ${overlay}`;
}

/** The overlay goes, and the machine is what its definition says again. */
export function revertScript(domain: string, files: MachineFiles, label: string): string {
  const overlay = quote(overlayOf(files, label));
  return `set -e
${requireOurs(domain, files)}
[ -e ${overlay} ] || { echo "there is no snapshot ${label}" >&2; exit 5; }
virsh -q destroy ${quote(domain)} 2>/dev/null || true
virsh -q define ${quote(files.definition)}
rm -f ${overlay}`;
}

/** One line a machine of ours: name, state, snapshots. */
export function listScript(folder: string, prefix: string): string {
  return `cd ${quote(folder)} 2>/dev/null || exit 0
for x in *.xml; do [ -e "$x" ] || continue; n=\${x%.xml}
state=$(virsh domstate ${quote(prefix)}"$n" 2>/dev/null | head -n1) || state=
s=; for o in "$n".since-*.qcow2; do [ -e "$o" ] && { o=\${o#"$n".since-}; s="$s \${o%.qcow2}"; }; done
[ -z "$state" ] || echo "$n $(echo "$state" | tr ' ' -)$s"; done`;
}
