import type { Language } from '../../agent/contract/text.ts';
import { PASS_RENEW_DAYS } from '../../sync/protocol/pass.ts';
import type { Refusal } from './ask-hq.ts';
import { CLOCK_TOLD_MS } from './pass.ts';
import type { StoredPass } from './pass-store.ts';
import type { Said } from './state.ts';
import { sayWord } from './words.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Each unit is told up to two of the next one. */
const UNITS = [
  ['days', DAY_MS],
  ['hours', HOUR_MS],
  ['minutes', MINUTE_MS],
  ['seconds', SECOND_MS],
] as const;

/** What a refusal of headquarters says to the member. */
export function refusalOf({ code, message, hint }: Refusal): Said[] {
  if (message === undefined) return [{ word: code === 'unreachable' ? 'unreachable' : 'wrong' }];
  return [{ text: message }, ...(hint === undefined ? [] : [{ text: hint }])];
}

/** Whether the phone's clock was off at the last contact by more than tills bear. */
export function clockIsOff({ aheadMs }: Pick<StoredPass, 'aheadMs'>): boolean {
  return Math.abs(aheadMs) > CLOCK_TOLD_MS;
}

/** What the member should know about the pass as it stands. @param heard headquarters answered the last time */
export function noticesOf(
  pass: StoredPass,
  language: Language,
  nowMs: number,
  heard: boolean,
): Said[] {
  const { facts, aheadMs } = pass;
  const notices: Said[] = [];
  if (clockIsOff(pass)) {
    const n = span(Math.abs(aheadMs), language);
    notices.push({ word: aheadMs > 0 ? 'clockFast' : 'clockSlow', values: { n } });
  }
  if (!heard) notices.push({ word: 'offline' });
  const leftMs = Date.parse(facts.validUntil) - nowMs;
  if (leftMs > 0 && leftMs < (PASS_RENEW_DAYS / 2) * DAY_MS) {
    const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
    notices.push({ word: 'renewSoon', values: { day: day.format(new Date(facts.validUntil)) } });
  }
  return notices;
}

function span(lengthMs: number, language: Language): string {
  const [unit, unitMs] = UNITS.find(([, each]) => lengthMs >= 2 * each) ?? ['seconds', SECOND_MS];
  return sayWord(unit, language, { n: Math.round(lengthMs / unitMs) });
}
