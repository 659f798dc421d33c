// Which pod range a node gets: the lowest free piece of the cluster's. Pure; IPv4.

interface Range {
  first: number;
  bits: number;
}

function parseRange(cidr: string): Range {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  if (match === null) throw new Error(`${cidr} is not an IPv4 range`);
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return { first: bits === 0 ? 0 : (address & (-1 << (32 - bits))) >>> 0, bits };
}

function formatRange({ first, bits }: Range): string {
  return `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}/${bits}`;
}

/** The pieces of `clusterCidr` that the taken ranges touch; ranges from elsewhere touch none. */
function takenPieces(cluster: Range, pieceBits: number, taken: Iterable<string>): Set<number> {
  const pieces = new Set<number>();
  const pieceSize = 2 ** (32 - pieceBits);
  const count = 2 ** (pieceBits - cluster.bits);
  for (const cidr of taken) {
    const range = parseRange(cidr);
    const from = Math.floor((range.first - cluster.first) / pieceSize);
    const to = Math.floor((range.first + 2 ** (32 - range.bits) - 1 - cluster.first) / pieceSize);
    for (let piece = Math.max(from, 0); piece <= Math.min(to, count - 1); piece++) pieces.add(piece);
  }
  return pieces;
}

/** The range for one more node, or undefined when all are taken. */
export function planPodCidr(clusterCidr: string, nodeBits: number, taken: Iterable<string>): string | undefined {
  const cluster = parseRange(clusterCidr);
  if (nodeBits < cluster.bits) throw new Error(`a /${nodeBits} for each node does not fit into ${clusterCidr}`);
  const pieces = takenPieces(cluster, nodeBits, taken);
  const count = 2 ** (nodeBits - cluster.bits);
  for (let piece = 0; piece < count; piece++) {
    if (!pieces.has(piece)) return formatRange({ first: cluster.first + piece * 2 ** (32 - nodeBits), bits: nodeBits });
  }
  return undefined;
}
