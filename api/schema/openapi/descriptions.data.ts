// What the most used types and fields mean, for `kubectl explain`: definition → field → sentence; '' is the type itself.
import type { Descriptions } from './definition-schemas.ts';

export const descriptions: Descriptions = {};
