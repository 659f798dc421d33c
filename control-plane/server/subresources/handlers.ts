// Which subresource is served by what; those not named here are views of the whole object.
import type { SubresourceHandlers } from '../resource-routes.ts';
import { serveBinding } from './binding.ts';

/** Handlers of subresources, by `group/plural/subresource` or bare name. */
export function createSubresourceHandlers(): SubresourceHandlers {
  return { '/pods/binding': serveBinding };
}
