// Shuffle sharding: each flow is dealt a small hand of the queues, so that a heavy flow fills at most its hand, and
// another flow almost always holds a queue outside of it. Pure.
import { createHash } from 'node:crypto';

/** A 48-bit number of a flow. */
export function hashFlow(schema: string, distinguisher: string): number {
  return createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readUIntBE(0, 6);
}

/** `handSize` distinct numbers below `deckSize`, decided by the hash alone. */
export function dealHand(hash: number, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let dealt = 0; dealt < Math.min(handSize, deckSize); dealt++) {
    const left = deckSize - dealt;
    let card = rest % left;
    rest = Math.floor(rest / left);
    // The card counts among those that are not dealt yet.
    for (const taken of [...hand].sort((a, b) => a - b)) if (card >= taken) card++;
    hand.push(card);
  }
  return hand;
}
