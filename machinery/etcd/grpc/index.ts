// A small gRPC client over its own HTTP/2, for the one server that this project speaks gRPC with: etcd.
export { GrpcError, grpcCodes } from './call.ts';
export type { CallEvents } from './call.ts';
export { createGrpcChannel } from './channel.ts';
export type { Dial, GrpcChannel, GrpcCredentials } from './channel.ts';
export type { OpenCall } from './connection.ts';
