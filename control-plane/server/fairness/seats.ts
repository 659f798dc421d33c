// How the server's seats are shared between priority levels. Each level has a nominal part by its shares; what it can lend
// is used by others while it does not need it, and comes back as seats are freed. Guarantees: no more seats are taken
// than there are; a level always gets the part that it does not lend; nobody borrows while a level within its own part waits.

/** What a level may take. */
export interface LevelLimits {
  readonly shares: number;
  readonly lendablePercent: number;
  /** Absent: it may borrow everything that is lent. */
  readonly borrowingLimitPercent?: number;
}

/** One level's seats now. */
export interface LevelSeats {
  readonly nominal: number;
  /** What is never lent. */
  readonly least: number;
  readonly most: number;
  taken: number;
  /** Requests that wait. */
  waiting: number;
}

/** The seats of levels by their limits, of `total` seats together. */
export function shareSeats(total: number, levels: ReadonlyMap<string, LevelLimits>): Map<string, LevelSeats> {
  const sum = [...levels.values()].reduce((shares, level) => shares + level.shares, 0);
  return new Map(
    [...levels].map(([name, { shares, lendablePercent, borrowingLimitPercent }]) => {
      const nominal = sum === 0 ? 0 : Math.ceil((total * shares) / sum);
      const least = nominal - Math.round((nominal * lendablePercent) / 100);
      const borrowed =
        borrowingLimitPercent === undefined ? total : Math.round((nominal * borrowingLimitPercent) / 100);
      return [name, { nominal, least, most: Math.min(total, nominal + borrowed), taken: 0, waiting: 0 }];
    }),
  );
}

/** Whether a level may take `width` more seats now. One request always may when its level has none: widths are estimates. */
export function maySit(total: number, all: Iterable<LevelSeats>, level: LevelSeats, width: number): boolean {
  const next = level.taken + width;
  if (next <= level.least || (level.taken === 0 && level.least > 0)) return true;
  if (next > level.most) return false;
  let used = next;
  for (const other of all) {
    if (other === level) continue;
    used += Math.max(other.taken, other.least);
    // Borrowing ends where somebody waits for what is theirs.
    if (next > level.nominal && other.waiting > 0 && other.taken < other.nominal) return false;
  }
  return used <= total;
}

/** How urgently a level's next request is to be seated: those furthest below their own part first. */
export function fullness({ taken, nominal }: LevelSeats): number {
  return nominal === 0 ? Infinity : taken / nominal;
}
