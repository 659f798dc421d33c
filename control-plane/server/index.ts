// The API server.
export { createApiServer } from './api-server.ts';
export type { ApiServer, ApiServerOptions, StaticToken } from './options.ts';
