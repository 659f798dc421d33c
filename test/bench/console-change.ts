/// <reference lib="dom" />
// How long a change takes from the API's answer to the screen: ten times, in real Chromium, on a control plane in memory.
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { startTestConsole } from '../e2e/console-browser.ts';
import { createDeployment, untilComplete } from '../e2e/console-page.ts';
import { connect } from '../screenshots/seed.ts';
import { startControlPlane } from '../support/control-plane.ts';

const rounds = 10;

/** The median and the worst of ten changes, in milliseconds. */
export async function changeToScreen(): Promise<{ medianMs: number; worstMs: number }> {
  const controlPlane = await startControlPlane({ store: 'memory', hollowNodes: 4 });
  const testConsole = await startTestConsole({ clusters: { harbour: controlPlane.kubeconfigPath } });
  const client = connect(controlPlane.kubeconfigPath);
  try {
    await testConsole.services.invoke('settings.set', { language: 'en' });
    const { page } = await testConsole.open();
    await createDeployment(page, 'harbour', { name: 'tides', image: 'harbour/tides:1.0', replicas: 2 });
    await untilComplete(page);
    const objects = client.resource<Deployment>(deployments, 'default');
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const replicas = 3 + round;
      await objects.patch('tides', { type: 'merge', body: { spec: { replicas } } });
      const begun = performance.now();
      const isShown = (words: string): boolean => document.body.textContent?.includes(words) ?? false;
      await page.waitForFunction(isShown, `${replicas} replicas`, { polling: 'raf' });
      taken.push(performance.now() - begun);
      await untilComplete(page);
    }
    taken.sort((left, right) => left - right);
    return { medianMs: taken[rounds / 2] ?? NaN, worstMs: taken.at(-1) ?? NaN };
  } finally {
    client.close();
    await testConsole.close();
    await controlPlane.close();
  }
}
