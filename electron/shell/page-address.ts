// Addresses of the console's own pages: what a link from elsewhere, another instance or a click may open. Pure.
// Guarantees: only a path of the console comes out, never another origin or file.
const longest = 2000;

/** The path of the page that `pilothouse://console/#/…` names; undefined for anything else. */
export function pagePathOf(address: string): string | undefined {
  if (address.length > longest || !URL.canParse(address)) return undefined;
  const { protocol, host, pathname, hash, username, password } = new URL(address);
  const isOurs = protocol === 'pilothouse:' && host === 'console' && username === '' && password === '';
  const isPage = pathname === '' || pathname === '/' || pathname === '/index.html';
  return isOurs && isPage && hash.startsWith('#/') ? hash.slice(1) : undefined;
}

/** The first page among the arguments of a started program. */
export function pageAmong(args: readonly string[]): string | undefined {
  return args.map(pagePathOf).find((path) => path !== undefined);
}

/**
 * The page that gets a window of its own: a person asked for it with Ctrl or the middle button on a link (the browser says
 * `background-tab`). What a script opens by itself gets none.
 */
export function windowFor({ url, disposition }: { url: string; disposition: string }): string | undefined {
  return disposition === 'background-tab' ? pagePathOf(url) : undefined;
}
