import type { BrokenWhy } from './state.ts';

/** What browsers answer that keep no data for a page, or no keys, as some do in a private window. */
const KEEPS_NOTHING = new Set([
  'SecurityError',
  'NotAllowedError',
  'InvalidStateError',
  'UnknownError',
  'DataCloneError',
]);

/** What to tell the member about something that should not have gone wrong. @param error whatever was thrown */
export function whyBroken(error: unknown): BrokenWhy {
  if (!(error instanceof DOMException)) return 'wrong';
  if (error.name === 'QuotaExceededError') return 'storageFull';
  return KEEPS_NOTHING.has(error.name) ? 'noStorage' : 'wrong';
}
