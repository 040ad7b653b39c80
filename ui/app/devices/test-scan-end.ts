import type { DeviceCheck, DeviceView } from '../../../agent/contract/index.ts';

/**
 * How the check that was begun ended; null while it waits. `lost`: the device went away or was let go meanwhile, or another
 * page began a check of its own. A list that is older than the check says nothing of it.
 */
export function testScanEnd(
  begun: DeviceCheck,
  { check, state, since }: Pick<DeviceView, 'check' | 'state' | 'since'>,
): 'passed' | 'failed' | 'lost' | null {
  if (begun.outcome !== 'waiting') return begun.outcome;
  if (state !== 'ready' || since > begun.at) return 'lost';
  if (check === undefined || check.at < begun.at) return null;
  // A check of another kind that came after it ended it; one of the same moment came before.
  if (check.level !== 'interactive') return check.at > begun.at ? 'lost' : null;
  // The digits are its own: what another page asked for proves nothing here.
  if (check.challenge !== begun.challenge) return 'lost';
  return check.outcome === 'waiting' ? null : check.outcome;
}
