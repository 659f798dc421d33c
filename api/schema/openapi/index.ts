// OpenAPI documents of the declarations.
export { openApiV2, openApiV3, type DocumentOptions } from './documents.ts';
