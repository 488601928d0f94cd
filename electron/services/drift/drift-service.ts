import type { DriftService } from './api.ts';

export function createDriftService(): DriftService {
  return { drifts: () => [], observers: () => [], onChange: () => ({ dispose() {} }), dispose() {} };
}
