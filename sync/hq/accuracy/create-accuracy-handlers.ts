import { err, ok } from '../../../agent/contract/result.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps, HqHandlers } from '../deps.ts';
import { readAccuracy } from './read-accuracy.ts';
import { readCases } from './read-cases.ts';

/** The report of trigger accuracy, and the sales behind it. */
export function createAccuracyHandlers(
  deps: HqDeps,
): Pick<HqHandlers, 'accuracy' | 'accuracyCases'> {
  return {
    async accuracy(_caller, asked) {
      const { from, to } = asked;
      if (from !== undefined && to !== undefined && from > to)
        return err(hqFailure('invalid-input', 'to', { problem: '`to` is before `from`' }));
      return ok(await readAccuracy(deps, asked));
    },
    accuracyCases: (_caller, asked) => readCases(deps.db, asked),
  };
}
