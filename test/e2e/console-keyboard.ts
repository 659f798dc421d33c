// A person at the console without a mouse: goes with Tab to what has a name, presses it, types, and finds pages by the
// palette. Everything is a key that the browser gets; what a pointer did meanwhile is counted, so that a test can say none.
import type { Page } from 'playwright-core';

type Name = string | RegExp;

const mostTabs = 200;

export interface Keyboard {
  /** Goes on with Tab until what bears the name has the focus. */
  tabTo(name: Name): Promise<void>;
  /** Goes there and presses a key, Enter unless told. */
  press(name: Name, ...keys: readonly string[]): Promise<void>;
  /** Goes to a field and writes over what it holds. */
  write(name: Name, text: string): Promise<void>;
  /** Opens the palette, types, and enters the first answer of that name. */
  find(text: string, name: Name): Promise<void>;
  /** How often a pointer was pressed on the page since the keyboard was taken up. */
  pointerPresses(): Promise<number>;
}

/** Takes up the keyboard of a page. */
export async function takeKeyboard(page: Page): Promise<Keyboard> {
  await page.evaluate(() => {
    const counts = globalThis as unknown as { pointerPresses: number };
    counts.pointerPresses = 0;
    for (const type of ['pointerdown', 'mousedown', 'touchstart'])
      document.addEventListener(type, () => counts.pointerPresses++, { capture: true });
  });
  const isNamed = (focused: string, name: Name): boolean =>
    typeof name === 'string' ? focused === name : name.test(focused);
  const keyboard: Keyboard = {
    async tabTo(name) {
      const passed: string[] = [];
      for (let tabs = 0; tabs < mostTabs; tabs++) {
        const focused = await focusedName(page);
        if (isNamed(focused, name)) return;
        passed.push(focused);
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never came to ${String(name)}; it passed ${[...new Set(passed)].join(' | ')}`);
    },
    async press(name, ...keys) {
      await keyboard.tabTo(name);
      for (const key of keys.length > 0 ? keys : ['Enter']) await page.keyboard.press(key);
    },
    async write(name, text) {
      await keyboard.press(name, 'ControlOrMeta+a');
      await page.keyboard.type(text);
    },
    async find(text, name) {
      await page.keyboard.press('ControlOrMeta+k');
      await page.locator('[role=combobox][aria-controls]:focus').waitFor();
      await page.keyboard.type(text);
      await page.getByRole('option', { name, selected: true }).waitFor();
      await page.keyboard.press('Enter');
    },
    pointerPresses: () => page.evaluate(() => (globalThis as unknown as { pointerPresses: number }).pointerPresses),
  };
  return keyboard;
}

/** What a screen reader would call the element that has the focus. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return '';
    const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean);
    const named = labelledBy.map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    const label = (element as HTMLInputElement).labels?.[0]?.textContent;
    return (element.getAttribute('aria-label') ?? (named || (label ?? element.textContent ?? ''))).trim();
  });
}
