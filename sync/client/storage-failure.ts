import { err, ok, type Result } from '../../agent/contract/result.ts';

/** The till's disk is full or fails; everything is as it was. */
export interface StorageFailure {
  readonly code: 'storage';
  /** The store's own code, such as `disk-full`. */
  readonly detail: string;
}

/**
 * Runs a transaction of the till's store. The store throws where the disk fails, which is to be expected in a shop; any
 * other error is a broken invariant and goes on its way.
 */
export function tryStorage<Value>(run: () => Value): Result<Value, StorageFailure> {
  try {
    return ok(run());
  } catch (error) {
    return err(storageFailureOf(error));
  }
}

/** The same for work of the store that takes its time. */
export async function tryStorageLater<Value>(
  run: () => Promise<Value>,
): Promise<Result<Value, StorageFailure>> {
  try {
    return ok(await run());
  } catch (error) {
    return err(storageFailureOf(error));
  }
}

/** The store marks its errors by name, since sync does not import the store. Others are thrown on. */
function storageFailureOf(error: unknown): StorageFailure {
  if (!(error instanceof Error) || error.name !== 'StorageError') throw error;
  const { code } = error as { code?: unknown };
  return { code: 'storage', detail: typeof code === 'string' ? code : 'unknown' };
}
