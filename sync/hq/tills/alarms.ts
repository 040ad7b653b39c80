import { type Text, text } from '../../../agent/contract/text.ts';
import { HQ_ERRORS, type HqErrorCode } from '../../protocol/hq-error.ts';
import type { HqSession } from '../database/database.ts';

/** Alarms that stand in no table of refusals. */
const TEXTS: Readonly<Record<string, Text>> = {
  'registration-guessed': text(
    '有人在猜注册码，十分钟内不再受理错误的注册码',
    'Somebody guesses registration codes; wrong ones are not looked at for ten minutes',
  ),
  'engine-differs': text(
    '同样的输入，权益引擎算出了不同的结果；请联系技术支持',
    'The benefit engine gave another result for the same input; call support',
  ),
};

export interface Alarm {
  readonly atMs: number;
  /** An {@link HqErrorCode} or one of this file's own. */
  readonly code: string;
  readonly tillId: string | null;
  /** What a person needs to find the cause; no names, phones, cards or codes. */
  readonly detail?: string;
}

/** Writes an alarm for the people at HQ, in the transaction of what caused it. */
export async function raiseAlarm(session: HqSession, alarm: Alarm): Promise<void> {
  await session.query('INSERT INTO alarms (at_ms, code, till_id, detail) VALUES ($1, $2, $3, $4)', [
    alarm.atMs,
    alarm.code,
    alarm.tillId,
    alarm.detail ?? '',
  ]);
}

/** The sentence of an alarm in both languages, for its list. */
export function alarmText(code: string, detail: string): Text {
  const known =
    TEXTS[code] ?? (code in HQ_ERRORS ? HQ_ERRORS[code as HqErrorCode].message : undefined);
  const said = known ?? text(code, code);
  if (detail === '') return said;
  const short = detail.slice(0, 200);
  return text(`${said['zh-CN']}（${short}）`, `${said.en} (${short})`);
}
