// The libraries of Kubernetes' CEL environment.
import type { Library } from '../overload.ts';
import { addresses } from './addresses.ts';
import { conversions } from './conversions.ts';
import { formatLibrary } from './formats.ts';
import { lists } from './lists.ts';
import { operators } from './operators.ts';
import { optionals } from './optionals.ts';
import { quantities } from './quantities.ts';
import { semvers } from './semvers.ts';
import { texts } from './texts.ts';
import { times } from './times.ts';
import { urls } from './urls.ts';

/** Everything that expressions may use wherever they stand; the authorizer comes from the server. */
export const kubernetesLibraries: readonly Library[] = [
  operators,
  conversions,
  texts,
  times,
  lists,
  optionals,
  addresses,
  quantities,
  semvers,
  urls,
  formatLibrary,
];
