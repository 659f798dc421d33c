// How wide a table's columns are: as they ask while there is room, else the flexible ones share what is left, so that
// no column is ever cut off at the edge.
const gapPx = 16;
const paddingPx = 32;

/** The least width of a CSS grid track in px, and whether it may grow. */
function readTrack(track: string): { leastPx: number; grow?: string } {
  const flexible = /^minmax\((\d+)px,\s*([\d.]+fr)\)$/.exec(track);
  if (flexible) return { leastPx: Number(flexible[1]), grow: flexible[2] };
  const fixed = /^(\d+)px$/.exec(track);
  if (fixed) return { leastPx: Number(fixed[1]) };
  return { leastPx: 0, grow: track };
}

/** The grid template of columns with these tracks in a table `widthPx` wide. */
export function fitTracks(tracks: readonly string[], widthPx: number): string {
  const read = tracks.map(readTrack);
  const leastPx = read.reduce((sum, track) => sum + track.leastPx, 0) + gapPx * (tracks.length - 1) + paddingPx;
  if (leastPx <= widthPx) return tracks.join(' ');
  return read.map(({ grow }, index) => (grow === undefined ? tracks[index] : `minmax(0, ${grow})`)).join(' ');
}
