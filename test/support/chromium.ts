// How Debian's Chromium is started here: headless, without its own errands on the network.

/** Flags for every Chromium that a test starts. */
export const chromiumFlags: string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
