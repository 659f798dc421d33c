import { describe, expect, it } from 'vitest';
import type { TableColumnView, TableRowView } from '../../../api/console/index.ts';
import { pageOf } from './table-page.ts';

const columns: TableColumnView[] = [
  { name: 'Name', type: 'text', wide: false, description: '' },
  { name: 'Ready', type: 'number', wide: false, description: '' },
  { name: 'Age', type: 'age', wide: false, description: '' },
];
const row = (name: string, ready: number, createdAt: number): TableRowView => ({
  uid: name,
  namespace: 'harbour',
  name,
  cells: [name, ready, null],
  createdAt,
  deleting: false,
});
const rows = [row('web-10', 1, 30), row('web-9', 3, 10), row('cache-1', 2, 20)];
const names = (page: { rows: readonly TableRowView[] }): string[] => page.rows.map(({ name }) => name);

describe('a page of a table', () => {
  it('sorts digits by their value, numbers as numbers, ages youngest first', () => {
    expect(names(pageOf(columns, rows, { offset: 0, limit: 10 }))).toEqual(['cache-1', 'web-9', 'web-10']);
    const byReady = { offset: 0, limit: 10, sort: { column: 1, descending: true } };
    expect(names(pageOf(columns, rows, byReady))).toEqual(['web-9', 'cache-1', 'web-10']);
    const byAge = { offset: 0, limit: 10, sort: { column: 2, descending: false } };
    expect(names(pageOf(columns, rows, byAge))).toEqual(['web-10', 'cache-1', 'web-9']);
  });

  it('counts what matches every word, and shows the last page when asked for one behind it', () => {
    expect(pageOf(columns, rows, { offset: 40, limit: 2, search: 'HARBOUR web' })).toMatchObject({
      offset: 0,
      matching: 2,
      total: 3,
    });
    expect(names(pageOf(columns, rows, { offset: 100, limit: 2 }))).toEqual(['web-10']);
    expect(pageOf(columns, rows, { offset: 0, limit: 2, search: 'nothing' })).toMatchObject({ rows: [], matching: 0 });
  });
});
