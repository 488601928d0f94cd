import { ScramError } from '../../../shared/model/error.ts';
import type { BatchService } from './api.ts';

export function createBatchService(): BatchService {
  const fail = (): never => {
    throw new ScramError('refused', 'bulk kills are not in this version');
  };
  return {
    killSets: () => [],
    preview: async () => fail(),
    propose: fail,
    execute: async () => fail(),
    progress: () => null,
    onProgress: () => ({ dispose() {} }),
    dispose() {},
  };
}
