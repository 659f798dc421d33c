// The one place where this part names the catalogue's own types.
export type { ResourceDefinition } from '../../../api/kinds/resource.ts';
