// The query options that all writes share.
import { badRequest, invalidOptions } from './errors.ts';

/** How unknown and duplicate fields are met. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** Options of create, update and patch. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

const plain: WriteOptions = { dryRun: false, fieldManager: '', fieldValidation: 'Warn' };

/** Reads dryRun, fieldManager and fieldValidation. */
export function parseWriteOptions(query: URLSearchParams): WriteOptions {
  if (query.size === 0) return plain;
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (fieldValidation !== 'Ignore' && fieldValidation !== 'Warn' && fieldValidation !== 'Strict') {
    throw invalidOptions(
      `fieldValidation: Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  const fieldManager = query.get('fieldManager') ?? '';
  if (fieldManager.length > 128) throw invalidOptions('fieldManager: Too long: may not be more than 128 bytes');
  return { dryRun: parseDryRun(query.getAll('dryRun')), fieldManager, fieldValidation };
}

/** `dryRun=All` is the only value. */
export function parseDryRun(values: readonly string[]): boolean {
  const given = values.filter((value) => value !== '');
  if (given.some((value) => value !== 'All'))
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(given)}: supported values: "All"`);
  return given.length > 0;
}
