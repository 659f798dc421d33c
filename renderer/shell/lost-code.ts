// A screen whose files did not arrive (the network of this computer changed meanwhile, or another version of the console
// is served by now): the page begins anew where the person was going. Where that has just been tried, it is said instead.
import type { Router } from 'vue-router';

const triedKey = 'pilothouse.lost-code';
/** Files that are missing again this soon are not missing by chance. */
const tryAgainAfterMs = 10_000;

export interface LostCodeOptions {
  readonly router: Pick<Router, 'onError'>;
  /** Begins the page anew at its address. */
  readonly reload: () => void;
  /** Tells the person that it did not help. */
  readonly tell: () => void;
}

/** Watches for files of screens that could not be loaded, as long as the page lives. */
export function recoverLostCode({ router, reload, tell }: LostCodeOptions): void {
  let wanted: string | undefined;
  router.onError((_error, to) => {
    wanted = `#${to.fullPath}`;
  });
  const recover = (): void => {
    const target = wanted;
    wanted = undefined;
    if (Date.now() - Number(sessionStorage.getItem(triedKey)) < tryAgainAfterMs) return tell();
    sessionStorage.setItem(triedKey, String(Date.now()));
    if (target !== undefined && target !== location.hash) history.pushState(null, '', target);
    reload();
  };
  // The router hears of it after this event, and knows where the person was going.
  addEventListener('vite:preloadError', () => void setTimeout(recover));
}
