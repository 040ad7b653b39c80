import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';

/** SQLSTATE that pass: connection, resources, operator and time limits, conflicts of transactions, and a lock not got in time. */
const PASSING = /^(08|53|57|40|55P03)/;

/**
 * What a log may say of an error that nobody expected: its kind and where it was thrown, never its message, which may
 * quote what a shopper's data said.
 */
export function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as { code?: unknown }).code;
  const at = /\((?:file:\/\/)?\S*?((?:sync|agent)\/\S+?:\d+)/.exec(error.stack ?? '')?.[1];
  return {
    error: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(isHqDatabaseError(error) && error.constraint !== null
      ? { constraint: error.constraint }
      : {}),
    ...(at === undefined ? {} : { at }),
  };
}

/** What a client is told of an error that nobody expected: come again where the database is away, else that it broke. */
export function failureOf(error: unknown): HqFailure {
  const passing = isHqDatabaseError(error) && (error.code === null || PASSING.test(error.code));
  return hqFailure(passing ? 'busy' : 'internal');
}
