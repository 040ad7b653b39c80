import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import type { ExceptionDone } from '../../protocol/exceptions.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { illFormedPlaces } from '../books/ill-formed-text.ts';
import { transact } from '../books/transact.ts';
import type { HqCaller, HqDeps, HqHandlers } from '../deps.ts';
import { countOpen, readCase, readCases } from './read-cases.ts';

interface Step {
  readonly id: number;
  readonly to: 'open' | 'settled';
  readonly done: ExceptionDone | null;
  readonly note: string;
}

/**
 * The desk at which people settle cases. Each step is another row of the case's history, which only grows; one that
 * would change nothing (settled by somebody else meanwhile, the same press twice) writes nothing and says so.
 */
export function createDeskHandlers(
  deps: Pick<HqDeps, 'db' | 'log' | 'nowMs'>,
): Pick<HqHandlers, 'listExceptions' | 'showException' | 'settleException' | 'reopenException'> {
  return {
    async listExceptions(_caller, asked) {
      const [field] = illFormedPlaces(asked);
      if (field !== undefined) return err(hqFailure('invalid-input', field));
      return ok({ ...(await readCases(deps.db, asked)), open: await countOpen(deps.db) });
    },
    async showException(_caller, { id }) {
      const found = await readCase(deps.db, id);
      return found === undefined ? err(hqFailure('case-unknown', 'id')) : ok({ case: found });
    },
    settleException: (caller, { id, done, note }) =>
      change(deps, caller, { id, to: 'settled', done, note }),
    reopenException: (caller, { id, note }) =>
      change(deps, caller, { id, to: 'open', done: null, note }),
  };
}

function change(
  deps: Pick<HqDeps, 'db' | 'log' | 'nowMs'>,
  caller: HqCaller,
  { id, to, done, note }: Step,
): Promise<Result<HqReply<'settleException'>, HqFailure>> {
  assert(caller.kind === 'admin', 'only people of headquarters come to the desk');
  if (illFormedPlaces(note).length > 0)
    return Promise.resolve(err(hqFailure('invalid-input', 'note')));
  return transact(deps, async (tx) => {
    const [row] = await tx.query<{ state: string }>(
      'SELECT state FROM exceptions WHERE id = $1 FOR UPDATE',
      [id],
    );
    if (row === undefined) return err(hqFailure('case-unknown', 'id'));
    const changed = row.state !== to;
    if (changed) {
      await tx.query(
        `INSERT INTO exception_steps (exception_id, at_ms, step, by_name, done, note)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, deps.nowMs(), to === 'settled' ? 'settled' : 'reopened', caller.name, done, note],
      );
      await tx.query('UPDATE exceptions SET state = $2 WHERE id = $1', [id, to]);
    }
    const found = await readCase(tx, id);
    assert(found !== undefined, 'a case that is locked is there');
    return ok({ changed, case: found });
  });
}
