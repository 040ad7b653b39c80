import { err, type Failure, failure } from '../contract/index.ts';
import { isStorageError } from '../store/sqlite/storage-error.ts';

type Method = (...args: never[]) => unknown;

/**
 * Gives every method of a set the last line of defence: a storage error met while reading, too, is an answer and not
 * an exception. Broken invariants go on.
 */
export function safeAnswers<Methods extends Record<string, Method>>(methods: Methods): Methods {
  const entries = Object.entries(methods).map(([name, method]) => [name, safe(method)] as const);
  return Object.fromEntries(entries) as Methods;
}

function safe(method: Method): Method {
  return (...args) => {
    try {
      const answer = method(...args);
      return answer instanceof Promise ? answer.catch(asFailure) : answer;
    } catch (error) {
      return asFailure(error);
    }
  };
}

function asFailure(error: unknown): { readonly ok: false; readonly error: Failure } {
  if (isStorageError(error)) return err(failure(error.code));
  throw error;
}
