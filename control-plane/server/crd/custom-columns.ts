// The table of a custom resource: its name, then the columns that the CRD declares, or the age when it declares none.
import type { CustomResourceColumnDefinition } from '../../../api/kinds/apiextensions/index.ts';
import type { CellValue, PrinterColumn } from '../../../api/kinds/printing/printer.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatAge, parseTime } from '../../../api/meta/time.ts';
import { compileJsonPath } from './json-path.ts';

const nameColumn: PrinterColumn = { name: 'Name', type: 'string', format: 'name', priority: 0 };
const ageColumn: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
};

/** Columns and the function that fills them. */
export function columnsOf(declared: readonly CustomResourceColumnDefinition[] = [ageColumn]): {
  columns: readonly PrinterColumn[];
  row(object: KubernetesObject, nowMs: number): CellValue[];
} {
  const paths = declared.map(({ jsonPath, type }) => ({ type, path: compileJsonPath(jsonPath) }));
  const columns = declared.map(({ name, type, format = '', priority = 0 }): PrinterColumn => ({
    name,
    type: type as PrinterColumn['type'],
    format,
    priority,
  }));
  return {
    columns: [nameColumn, ...columns],
    row: (object, nowMs) => [
      object.metadata.name,
      ...paths.map(({ type, path }) => cell(type, path?.(object) ?? [], nowMs)),
    ],
  };
}

function cell(type: string, found: readonly unknown[], nowMs: number): CellValue {
  const [value] = found;
  if (value === undefined || value === null) return type === 'date' ? '<unknown>' : '';
  if (type === 'date') {
    const at = typeof value === 'string' ? parseTime(value) : undefined;
    return at === undefined ? '<invalid>' : formatAge(nowMs - at);
  }
  if (type === 'integer' || type === 'number') return typeof value === 'number' ? value : Number(value);
  if (type === 'boolean') return value === true || value === 'true';
  const texts = found.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
  return texts.join(' ');
}
