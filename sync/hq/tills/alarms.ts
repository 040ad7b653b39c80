import { type Text, text } from '../../../agent/contract/text.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { AlarmRow } from '../../protocol/fleet.ts';
import { HQ_ERRORS, type HqErrorCode } from '../../protocol/hq-error.ts';
import type { HqSession } from '../database/database.ts';

/** Alarms that stand in no table of refusals. */
const TEXTS: Readonly<Record<string, Text>> = {
  'registration-guessed': text(
    '有人在猜注册码，十分钟内不再受理错误的注册码',
    'Somebody guesses registration codes; wrong ones are not looked at for ten minutes',
  ),
  'pass-codes-guessed': text(
    '有人在猜会员凭证的绑定码，十分钟内不再受理错误的绑定码',
    'Somebody guesses the codes that link passes; wrong ones are not looked at for ten minutes',
  ),
  'ledger-refilled': text(
    '总部缺少已收到的账目，已由收银机补齐',
    'Headquarters lacked entries that it had received; their till has sent them again',
  ),
  'ledger-mended': text(
    '总部的账目有损坏，已按收银机的账目恢复，损坏前的内容已保留',
    'Entries were damaged at headquarters; they were put right from their till, and the damaged ones are kept',
  ),
  'ledger-lost': text(
    '总部缺少或损坏了收银机已无法补传的账目，请用备份恢复',
    'Headquarters lacks or has damaged entries that their till can no longer send; take them from a backup',
  ),
  'ledger-till-damaged': text(
    '收银机自己的账目有损坏；总部的账目完好',
    "Entries of a till's own ledger are damaged; what headquarters holds stands",
  ),
  'ledger-unproved': text(
    '总部和收银机的账目都无法证实，请联系技术支持',
    "Neither headquarters' nor the till's image of entries can be proved; call support",
  ),
  'till-renewed': text(
    '收银机的数据库损坏后已抢救或由备份恢复，以新的编号继续；之前未上传的账目会补传',
    "A till's database was salvaged or restored and goes on under a fresh incarnation; what it had not sent follows",
  ),
  'till-restored': text(
    '收银机用旧的数据库副本营业过：同一编号有两条账目，两条都已入账，请核对',
    'A till has sold with an older copy of its database: two entries have one number; both are booked, compare them',
  ),
  'lookups-many': text(
    '收银机一天内查找的外店会员太多，次日之前不再受理它的新查找',
    'A till looked up too many members of other stores in one day; it finds no further ones before the next',
  ),
  'drift-large': text(
    '收银机有超过百分之一的数据与总部不同；缺少的会自动补齐，多出的保留：确认总部没有丢失数据后，在收银机上运行 till sync verify --deep 清除',
    'More than one row in a hundred differed at a till; what it lacked comes by itself, what headquarters does not have stays there: make sure that nothing was lost here, then run till sync verify --deep at the till',
  ),
  'drift-stays': text(
    '收银机上修复过的数据又不同了，请联系技术支持',
    'Rows of a till differ again although they were put right; call support',
  ),
  'hq-digest-mended': text(
    '总部保存的数据摘要有误，已按数据重算；请检查数据库和磁盘',
    'Digests at headquarters were wrong and have been made anew from the rows; look at the database and its disk',
  ),
  'hq-row-damaged': text(
    '总部发布的数据有损坏，能找到原始数据的已重新发布；请检查数据库和磁盘，并用 till hq rows damaged 查看仍未修复的',
    'Published rows are damaged at headquarters; those whose source is whole were published anew; look at the database and its disk, and with till hq rows damaged at what is not put right',
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

/**
 * Writes an alarm unless the same one was written before.
 * @param withinMs how long ago, in milliseconds; absent = ever
 * @returns whether it was written
 */
export async function raiseAlarmOnce(
  session: HqSession,
  alarm: Alarm,
  withinMs = alarm.atMs,
): Promise<boolean> {
  const [known] = await session.query(
    `SELECT 1 FROM alarms WHERE code = $1 AND till_id IS NOT DISTINCT FROM $2 AND detail = $3 AND at_ms >= $4 LIMIT 1`,
    [alarm.code, alarm.tillId, alarm.detail ?? '', alarm.atMs - withinMs],
  );
  if (known === undefined) await raiseAlarm(session, alarm);
  return known === undefined;
}

/** The latest alarms, the newest first. @param tillId those that name this till; absent = all */
export async function readAlarms(
  session: HqSession,
  limit: number,
  tillId?: string,
): Promise<AlarmRow[]> {
  const rows = await session.query<{
    at_ms: number;
    code: string;
    till_id: string;
    detail: string;
  }>(
    `SELECT at_ms, code, till_id, detail FROM alarms
     ${tillId === undefined ? '' : 'WHERE till_id = $2'} ORDER BY id DESC LIMIT $1`,
    tillId === undefined ? [limit] : [limit, tillId],
  );
  return rows.map(({ at_ms, code, till_id, detail }) => ({
    at: toInstant(at_ms),
    code,
    tillId: till_id,
    text: alarmText(code, detail),
  }));
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
