// One admission webhook, whichever configuration it stands in.
import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '../../../api/kinds/admissionregistration/index.ts';
import type { Resident } from '../residents/resident.ts';

type MutatingWebhook = NonNullable<MutatingWebhookConfiguration['webhooks']>[number];
type ValidatingWebhook = NonNullable<ValidatingWebhookConfiguration['webhooks']>[number];

/** A webhook with the name of its configuration. */
export interface Webhook {
  readonly configuration: string;
  readonly hook: Readonly<MutatingWebhook | ValidatingWebhook>;
  /** Called again when a later webhook has changed the object. */
  readonly isReinvoked: boolean;
}

/** The webhooks in calling order: by configuration's name, then as written. */
export function webhooksOf(
  configurations: Resident<MutatingWebhookConfiguration> | Resident<ValidatingWebhookConfiguration>,
): readonly Webhook[] {
  const sorted = [...configurations.list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return sorted.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.map((hook) => ({
      configuration: metadata.name,
      hook,
      isReinvoked: 'reinvocationPolicy' in hook && hook.reinvocationPolicy === 'IfNeeded',
    })),
  );
}
