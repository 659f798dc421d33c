// A vault for computers whose desktop has no safe storage: the administrator's passphrase takes its place.
import { openSealedText, sealText } from '../../../provisioning/index.ts';
import type { Vault } from './sealed-credentials.ts';

/** Seals with `passphrase`; opening with another one throws ProvisioningError `WrongPassphrase`. */
export function createPassphraseVault(passphrase: string): Vault {
  return {
    seal: (text) => sealText(text, passphrase),
    open: (sealed) => openSealedText(sealed, passphrase),
  };
}
