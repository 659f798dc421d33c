// Whether the API's virtual address is free: each machine of its segment asks who has it, as the kernel asks before any
// packet (ARP). Nothing is sent to whoever has it but that question, and what is learnt is forgotten there again.
import type { ClusterSpec, PreflightCheck } from '../contract.ts';
import { virtualAddressOf } from '../pki/cluster-pki.ts';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';
import { check } from './check.ts';

/**
 * What a machine knows of the address. `held`: it has it itself, from the cluster's agent; `own`: as an address of its own;
 * `taken`: another answers for it; `free`: nobody does; `far`: it is of no segment of the machine's.
 */
export interface AddressSighting {
  readonly machine: string;
  readonly state: 'held' | 'own' | 'taken' | 'free' | 'far';
  /** Hardware address of whoever has it. */
  readonly mac?: string;
}

/** The label under which agents hold addresses (agent/network/announce). */
const agentLabel = 'phlb';
/** The kernel asks three times, a second apart. */
const patienceTenths = 25;

const script = (address: string): string => `
a=${quote(address)}
say() { printf '%s\\t%s\\n' "$1" "$2"; exit 0; }
line=$(ip -o -4 addr show | awk -v a="$a" '{ split($4, part, "/") } part[1] == a' | head -n1)
if [ -n "$line" ]; then
  mac=$(cat "/sys/class/net/$(echo "$line" | awk '{ print $2 }')/address")
  case "$line" in *:${agentLabel}*) say held "$mac";; *) say own "$mac";; esac
fi
route=$(ip -4 route get "$a" 2>/dev/null | head -n1)
case "$route" in ''|*' via '*|*'dev lo'*|unreachable*) say far;; esac
dev=$(echo "$route" | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
known() { ip -4 neigh show to "$a" dev "$dev"; }
mac() { sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p'; }
case "$(known)" in *PERMANENT*) say taken "$(known | mac)";; esac
forget() { ip neigh del "$a" dev "$dev" 2>/dev/null; }
trap forget EXIT
forget # what was learnt earlier may be over
ip neigh replace "$a" dev "$dev" use 2>/dev/null || bash -c "echo > /dev/udp/$a/9" 2>/dev/null # iproute2 before 5.16
i=0; while [ $i -lt ${patienceTenths} ]; do
  case "$(known)" in *lladdr*) say taken "$(known | mac)";; *FAILED*) break;; esac
  sleep 0.1; i=$((i+1))
done
say free`;

/** Asks, as root, from one machine: at once where somebody answers, else after 2.5 s. Undefined without a virtual address. */
export async function sightAddress(
  spec: ClusterSpec,
  machine: string,
  transport: Transport,
): Promise<AddressSighting | undefined> {
  const address = virtualAddressOf(spec);
  if (address === undefined) return undefined;
  const [state = '', mac = ''] = (await transport.run(script(address))).trim().split('\t');
  return { machine, state: state as AddressSighting['state'], ...(mac === '' ? {} : { mac }) };
}

/** The judgement by machine. Pure; `isOurs`: the cluster's own API answers there. */
export function addressChecks(
  address: string,
  sightings: readonly AddressSighting[],
  isOurs: boolean,
): Map<string, PreflightCheck[]> {
  const holders = new Set(sightings.filter(({ state }) => state === 'held').map(({ mac }) => mac));
  return new Map(
    sightings
      .filter(({ state }) => state !== 'far')
      .map(({ machine, state, mac = '?' }) => {
        const isGood = state === 'held' || state === 'free' || (state === 'taken' && (isOurs || holders.has(mac)));
        const figure = state === 'own' ? machine : state === 'free' ? '–' : mac;
        return [machine, [check('virtualAddress', isGood, machine, figure, 'free', 'error', { address })]];
      }),
  );
}
