// What the console's browser tests stand on: a control plane in memory with hollow nodes, known to a console as
// `harbour`, and one page that has entered.
import type { Page } from 'playwright-core';
import type { RestClient } from '../../machinery/rest-client.ts';
import { connect } from '../screenshots/seed.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { startTestConsole, type TestConsole, type TestConsoleOptions } from './console-browser.ts';

export const harbour = 'harbour';
const patienceMs = 20_000;

export interface Harbour {
  readonly controlPlane: TestControlPlane;
  readonly testConsole: TestConsole;
  /** Asks the API, beside the screen. */
  readonly client: RestClient;
  readonly page: Page;
  /** What the page complained about. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** Starts it in English and light; `beforeConsole` fills the cluster first. */
export async function startHarbour(
  hollowNodes: number,
  beforeConsole?: (controlPlane: TestControlPlane, client: RestClient) => Promise<void>,
  flags?: readonly string[],
  services?: TestConsoleOptions['services'],
): Promise<Harbour> {
  const controlPlane = await startControlPlane({ store: 'memory', hollowNodes, flags });
  const client = connect(controlPlane.kubeconfigPath);
  await beforeConsole?.(controlPlane, client);
  const testConsole = await startTestConsole({ clusters: { [harbour]: controlPlane.kubeconfigPath }, services });
  await testConsole.services.invoke('settings.set', { language: 'en', theme: 'light' });
  const { page, errors } = await testConsole.open();
  page.setDefaultTimeout(patienceMs);
  return {
    controlPlane,
    testConsole,
    client,
    page,
    errors,
    async close() {
      client.close();
      await testConsole.close();
      await controlPlane.close();
    },
  };
}
