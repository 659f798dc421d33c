import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { mountConsole } from '../testing/mount.ts';
import UiButton from './UiButton.vue';
import UiChoice from './UiChoice.vue';
import UiDialog from './UiDialog.vue';
import UiField from './UiField.vue';
import UiIconButton from './UiIconButton.vue';
import UiMenu from './UiMenu.vue';
import UiMeter from './UiMeter.vue';
import UiTable from './UiTable.vue';

afterEach(() => {
  document.body.innerHTML = '';
});

describe('a button', () => {
  it('takes no click while busy', async () => {
    let clicks = 0;
    const button = mountConsole(UiButton, { busy: true, onClick: () => clicks++ }, { default: 'Save' });
    await button.find('button').trigger('click');
    expect(clicks).toBe(0);
    expect(button.find('button').attributes('aria-busy')).toBe('true');
  });

  it('is a link when it leads somewhere', () => {
    expect(mountConsole(UiButton, { to: '/there' }, { default: 'Go' }).find('a').attributes('href')).toBe('/there');
  });

  it('with an icon only has a name, and its click arrives', async () => {
    let clicks = 0;
    const button = mountConsole(UiIconButton, { label: 'Close', onClick: () => clicks++ });
    await button.trigger('click');
    expect([clicks, button.attributes('aria-label')]).toEqual([1, 'Close']);
  });
});

describe('a choice of a few', () => {
  it('takes what an arrow key comes to, also when the key is up again at once', async () => {
    const chosen: string[] = [];
    const options = ['one', 'two', 'three'].map((value) => ({ value, label: value }));
    const choice = mountConsole(UiChoice, {
      label: 'How many',
      options,
      modelValue: 'one',
      'onUpdate:modelValue': (value: string) => chosen.push(value),
    });
    const [first, second] = choice.findAll<HTMLElement>('[role=radio]');
    first?.element.focus();
    await first?.trigger('keydown', { key: 'ArrowRight' });
    await first?.trigger('keyup', { key: 'ArrowRight' });
    second?.element.focus(); // as the arrow does where things have a size
    await flushPromises();
    expect([...new Set(chosen)]).toEqual(['two']);
  });
});

describe('a menu', () => {
  it('opens by keyboard and says what was chosen', async () => {
    const chosen: string[] = [];
    const menu = mountConsole(
      UiMenu,
      {
        items: [
          { id: 'a', label: 'First' },
          { id: 'b', label: 'Second' },
        ],
        onChoose: (id: string) => chosen.push(id),
      },
      { default: '<button>Actions</button>' },
    );
    await menu.find('button').trigger('keydown', { key: 'Enter' });
    await flushPromises();
    const items = [...document.querySelectorAll<HTMLElement>('[role=menuitem]')];
    expect(items.map(({ textContent }) => textContent)).toEqual(['First', 'Second']);
    items[1]?.click();
    await flushPromises();
    expect(chosen).toEqual(['b']);
  });
});

describe('a dialog', () => {
  it('is named by its title and closes by Escape', async () => {
    const changes: boolean[] = [];
    mountConsole(
      UiDialog,
      { open: true, title: 'Sure?', 'onUpdate:open': (open: boolean) => changes.push(open) },
      { default: '<p>Body</p>' },
    );
    await flushPromises();
    const dialog = document.querySelector('[role=dialog]');
    const title = document.getElementById(dialog?.getAttribute('aria-labelledby') ?? '');
    expect(title?.textContent).toBe('Sure?');
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await flushPromises();
    expect(changes).toEqual([false]);
  });
});

describe('a field', () => {
  it('ties its error to its control', () => {
    const field = mountConsole(
      UiField,
      { label: 'Name', error: 'Too short' },
      { default: '<template #default="p"><input :id="p.id" :aria-describedby="p.describedBy"></template>' },
    );
    const input = field.find('input');
    expect(field.find('label').attributes('for')).toBe(input.attributes('id'));
    expect(field.find(`[id="${input.attributes('aria-describedby')}"]`).text()).toBe('Too short');
  });
});

describe('a meter', () => {
  it.each([
    [10, 'good'],
    [85, 'warn'],
    [99, 'bad'],
  ])('of %i percent is read aloud and coloured %s', (value, tone) => {
    const meter = mountConsole(UiMeter, { label: 'CPU', value, max: 100, text: `${value} of 100` });
    expect(meter.find('[role=meter]').attributes('aria-valuetext')).toBe(`${value} of 100`);
    expect(meter.find('.fill').classes()).toContain(tone);
  });
});

describe('a table', () => {
  const rows = ['b', 'c', 'a'].map((name) => ({ uid: name, name }));
  const columns = [{ id: 'name', label: 'Name', width: '1fr', sortBy: ({ name }: { name: string }) => name }];
  const slots = { name: '<template #name="{ row }">{{ row.name }}</template>' };
  const texts = (table: ReturnType<typeof mountConsole>): string[] =>
    table
      .findAll('[role=row]')
      .slice(1)
      .map((row) => row.text());

  it('sorts by a click on its head, and back', async () => {
    const table = mountConsole(UiTable, { label: 'Things', columns, rows, natural: true }, slots);
    await nextTick();
    expect(texts(table)).toEqual(['b', 'c', 'a']);
    await table.find('.sort').trigger('click');
    expect(texts(table)).toEqual(['a', 'b', 'c']);
    expect(table.find('[role=columnheader]').attributes('aria-sort')).toBe('ascending');
    await table.find('.sort').trigger('click');
    expect(texts(table)).toEqual(['c', 'b', 'a']);
  });

  it('is walked by arrows and opens a row by Enter', async () => {
    const opened: string[] = [];
    const table = mountConsole(
      UiTable,
      { label: 'Things', columns, rows, natural: true, onOpen: (row: { name: string }) => opened.push(row.name) },
      slots,
    );
    await nextTick();
    await table.find('[data-index="0"]').trigger('keydown', { key: 'ArrowDown' });
    await flushPromises();
    expect(document.activeElement?.getAttribute('data-index')).toBe('1');
    await table.find('[data-index="1"]').trigger('keydown', { key: 'Enter' });
    expect(opened).toEqual(['c']);
  });

  it('says how many rows it has, whatever is drawn', () => {
    const many = Array.from({ length: 5000 }, (_none, index) => ({ uid: String(index), name: String(index) }));
    const table = mountConsole(UiTable, { label: 'Things', columns, rows: many }, slots);
    expect(table.attributes('aria-rowcount')).toBe('5001');
    expect(table.findAll('[role=row]').length).toBeLessThan(100);
  });
});
