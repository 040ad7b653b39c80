import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqCaller, TillCaller } from '../deps.ts';

/** The till that calls; the endpoint's access has let nobody else in. */
export function tillOf(caller: HqCaller): Result<TillCaller, HqFailure> {
  return caller.kind === 'till' ? ok(caller) : err(hqFailure('forbidden'));
}
