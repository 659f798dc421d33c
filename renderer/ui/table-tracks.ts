// How wide a table's columns are: as they ask while there is room, else the flexible ones share what is left by
// their least widths, so that no column is ever cut off at the edge.
const gapPx = 16;
const paddingPx = 32;

/** The least width of a CSS grid track in px, and whether it may grow. */
function readTrack(track: string): { leastPx: number; grows: boolean } {
  const [, least = '0'] = /^(?:minmax\()?(\d+)px/.exec(track) ?? [];
  return { leastPx: Number(least), grows: track.includes('fr') };
}

/** The grid template of columns with these tracks in a table `widthPx` wide. */
export function fitTracks(tracks: readonly string[], widthPx: number): string {
  const read = tracks.map(readTrack);
  const leastPx = read.reduce((sum, track) => sum + track.leastPx, 0) + gapPx * (tracks.length - 1) + paddingPx;
  if (leastPx <= widthPx) return tracks.join(' ');
  return read
    .map((track, index) => (track.grows ? `minmax(0, ${Math.max(track.leastPx, 1)}fr)` : tracks[index]))
    .join(' ');
}
