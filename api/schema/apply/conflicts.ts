// What an apply answers when fields that it would change belong to others.
import { failure, type ApiError } from '../../meta/status.ts';
import { formatFieldPath, pathsOf, type FieldSet } from './field-set.ts';
import { formatManager, type Manager } from './managers.ts';

/** Fields of another manager that an apply would change. */
export interface FieldConflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** The error of an apply that would take fields from their owners without force. */
export function applyConflict(conflicts: readonly FieldConflict[]): ApiError {
  const all = conflicts.flatMap(({ manager, fields }) =>
    pathsOf(fields).map((path) => ({ who: formatManager(manager), path: formatFieldPath(path) })),
  );
  const causes = all.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: path,
  }));
  return failure('Conflict', messageOf(all), { causes });
}

function messageOf(all: readonly { who: string; path: string }[]): string {
  const [first] = all;
  if (all.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.who}: ${first.path}`;
  }
  const owners = [...new Set(all.map(({ who }) => who))].sort();
  const parts = owners.map((owner) => {
    const paths = all.filter(({ who }) => who === owner).map(({ path }) => path);
    return `conflicts with ${owner}:\n- ${paths.join('\n- ')}`;
  });
  return `Apply failed with ${all.length} conflicts: ${parts.join('\n')}`;
}
