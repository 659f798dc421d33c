// Server-side apply.
export { applyServerSide, trackUpdate, type ApplyOptions, type Writer } from './apply.ts';
