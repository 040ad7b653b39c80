import { type Calendar, FESTIVAL_TAG_PREFIX } from '../../contract/calendar.ts';
import { type Text, text } from '../../contract/text.ts';
import type { Wanted } from './condition/explain-term.ts';

/** Longest list of names inside a sentence, in characters. */
export const PIECE_MAX_CHARS = 120;

/** Tiers that most chains have; a chain's own name stands as it is. */
const TIERS: Readonly<Record<string, Text>> = {
  standard: text('普通会员', 'Standard'),
  silver: text('银卡', 'Silver'),
  gold: text('金卡', 'Gold'),
  diamond: text('钻石', 'Diamond'),
};
const CHANNELS: Readonly<Record<string, Text>> = {
  store: text('门店', 'store'),
  online: text('网店', 'online'),
  app: text('手机 App', 'app'),
};
/** By the fact that counts the days since. */
const SHOPS: Readonly<Record<string, Text>> = {
  'member.daysSinceStore': text('门店', 'in a store'),
  'member.daysSinceOnline': text('网店', 'in the web shop'),
  'member.daysSinceApp': text('手机 App ', 'in the app'),
};
const SCENES: Readonly<Record<string, Text>> = {
  workday: text('工作日', 'working days'),
  weekend: text('周末', 'weekends'),
  holiday: text('法定节假日', 'public holidays'),
  'member-day': text('会员日', 'member day'),
  festival: text('节日', 'festivals'),
};
/** By ISO weekday, 1 = Monday. */
const WEEKDAYS: readonly Text[] = [
  text('周一', 'Monday'),
  text('周二', 'Tuesday'),
  text('周三', 'Wednesday'),
  text('周四', 'Thursday'),
  text('周五', 'Friday'),
  text('周六', 'Saturday'),
  text('周日', 'Sunday'),
];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const named = (names: Readonly<Record<string, Text>>, id: string): Text =>
  Object.hasOwn(names, id) ? (names[id] ?? text(id, id)) : text(id, id);
const plain = (value: string): Text => text(value, value);

function short(piece: string): string {
  return piece.length <= PIECE_MAX_CHARS ? piece : `${piece.slice(0, PIECE_MAX_CHARS - 1)}…`;
}

/** Names any of which will do: `金卡、钻石`, `Gold, Silver or Diamond`. */
function anyOf(names: readonly Text[]): Text {
  const en = names.map((name) => name.en);
  const last = en.pop() ?? '';
  return text(
    short(names.map((name) => name['zh-CN']).join('、')),
    short(en.length === 0 ? last : `${en.join(', ')} or ${last}`),
  );
}

/** `is` and `not` have `{}` where the names stand; `bare` says it where no names are known. */
interface Phrases {
  readonly is: Text;
  readonly not: Text;
  readonly bare: Text;
}

function fill(phrase: Text, names: Text): Text {
  // By function: a chain's own name may hold a replacement pattern such as `$&`.
  return text(
    phrase['zh-CN'].replace('{}', () => names['zh-CN']),
    phrase.en.replace('{}', () => names.en),
  );
}

function among(
  wanted: Wanted | undefined,
  phrases: Phrases,
  nameOf: (value: string) => Text,
): Text {
  if (wanted === undefined || wanted.values.length === 0) return phrases.bare;
  if (wanted.how !== 'is' && wanted.how !== 'not') return phrases.bare;
  return fill(phrases[wanted.how], anyOf(wanted.values.map(nameOf)));
}

/** A member tier as people call it. */
export function tierName(tier: string): Text {
  return named(TIERS, tier);
}

/** A channel as people call it. */
export function channelName(channel: string): Text {
  return named(CHANNELS, channel);
}

/** @param weekday 1 = Monday ... 7 = Sunday */
export function weekdayName(weekday: number): Text {
  return WEEKDAYS[weekday - 1] ?? plain(String(weekday));
}

/** A scene as people call it; a festival by the chain's own name. */
export function sceneName(tag: string, festivals: Calendar['festivals']): Text {
  const festival = festivals.find(({ id }) => `${FESTIVAL_TAG_PREFIX}${id}` === tag);
  return festival?.name ?? named(SCENES, tag);
}

/** The tier that is needed. */
export function tierText(wanted: Wanted | undefined): Text {
  return among(
    wanted,
    {
      is: text('会员等级不符，需要：{}', 'Another member tier is needed: {}'),
      not: text('会员等级不符，不适用于：{}', 'Not for the member tier {}'),
      bare: text('会员等级不符', 'Another member tier is needed'),
    },
    tierName,
  );
}

/** The group that is needed, by the chain's own names. */
export function groupText(wanted: Wanted | undefined): Text {
  return among(
    wanted,
    {
      is: text('会员不在适用的群组：{}', 'The member is not in the group {}'),
      not: text('不适用于会员群组：{}', 'Not for members of the group {}'),
      bare: text('会员不在适用的群组', 'The member is in none of the groups that it is for'),
    },
    plain,
  );
}

/** The channel that is needed. */
export function channelText(wanted: Wanted | undefined): Text {
  return among(
    wanted,
    {
      is: text('渠道不符，需要：{}', 'Another channel is needed: {}'),
      not: text('渠道不符，不适用于：{}', 'Not for the channel {}'),
      bare: text('渠道不符', 'Another channel is needed'),
    },
    channelName,
  );
}

/** On which days of the calendar it holds, by the names of the chain's festivals. */
export function sceneText(wanted: Wanted | undefined, festivals: Calendar['festivals']): Text {
  return among(
    wanted,
    {
      is: text('今天不适用，适用于{}', 'Not today; it holds on {}'),
      not: text('{}不适用', 'Not on {}'),
      bare: text('今天不适用', 'Not today'),
    },
    (tag) => sceneName(tag, festivals),
  );
}

/** On which purchases of a member it holds; the condition counts the purchases before. */
export function orderNumberText(wanted: Wanted | undefined): Text {
  const numbers = (wanted?.values ?? []).map((value) => String(Number(value) + 1));
  const zh = numbers.join('、');
  const en = anyOf(numbers.map(plain)).en;
  if (numbers.length > 0)
    switch (wanted?.how) {
      case 'is':
        return text(`仅限会员的第 ${zh} 次购买`, `Only on the member's purchase no. ${en}`);
      case 'at-least':
        return text(`从会员的第 ${zh} 次购买起`, `From the member's purchase no. ${en} on`);
      case 'at-most':
        return text(`仅限会员的前 ${zh} 次购买`, `Only up to the member's purchase no. ${en}`);
      default:
        break;
    }
  return text('这一次购买不适用', 'Not on this purchase of the member');
}

/** For how long a purchase must lie back, by the channel that the condition names. */
export function daysSinceText(wanted: Wanted | undefined): Text {
  const bare = text('与上次购买的间隔不符', 'The time since the last purchase does not fit');
  const [value] = wanted?.values ?? [];
  if (wanted === undefined || value === undefined) return bare;
  const where = named(SHOPS, wanted.subject);
  switch (wanted.how) {
    case 'at-least':
      return text(
        `需距上次${where['zh-CN']}购买至少 ${value} 天`,
        `Only ${value} days or more after the last purchase ${where.en}`,
      );
    case 'at-most':
      return text(
        `需在上次${where['zh-CN']}购买后 ${value} 天以内`,
        `Only within ${value} days of the last purchase ${where.en}`,
      );
    default:
      return bare;
  }
}

/** On which weekdays it holds. */
export function weekdayText(wanted: Wanted | undefined): Text {
  const bare = text('今天不适用', 'Not today');
  if (wanted === undefined) return bare;
  const days = [1, 2, 3, 4, 5, 6, 7].filter((day) => fits(wanted, day));
  if (days.length === 0 || days.length === 7) return bare;
  const names = days.map(weekdayName);
  const [first = bare] = names;
  const last = names.at(-1) ?? bare;
  const inRow = days.length > 2 && (days.at(-1) ?? 0) - (days[0] ?? 0) === days.length - 1;
  const span = inRow
    ? text(`${first['zh-CN']}至${last['zh-CN']}`, `${first.en} to ${last.en}`)
    : anyOf(names);
  return text(`今天不适用，适用于${span['zh-CN']}`, `Not today; it holds on ${span.en}`);
}

function fits({ how, values }: Wanted, value: number): boolean {
  const bounds = values.map(Number);
  switch (how) {
    case 'is':
      return bounds.includes(value);
    case 'not':
      return !bounds.includes(value);
    case 'at-least':
      return value >= Math.max(...bounds);
    case 'at-most':
      return value <= Math.min(...bounds);
  }
}

/** At which time of day it holds; minutes of the day become clock times. */
export function timeText(wanted: Wanted | undefined): Text {
  const [value] = wanted?.values ?? [];
  if (wanted === undefined || value === undefined || wanted.how === 'not')
    return text('现在不适用', 'Not at this time');
  if (wanted.how === 'at-least')
    return text(
      `现在不适用，${clock(Number(value))} 起适用`,
      `Not yet; it holds from ${clock(Number(value))}`,
    );
  if (wanted.how === 'at-most') {
    // The last minute that counts is the one before.
    const end = clock(Number(value) + 1);
    return text(`现在不适用，${end} 前适用`, `Too late; it holds until ${end}`);
  }
  const times = anyOf(
    wanted.values.map((one) => plain(/^\d+$/.test(one) ? clock(Number(one)) : one)),
  );
  return text(
    `现在不适用，适用时间：${times['zh-CN']}`,
    `Not at this time; it holds at ${times.en}`,
  );
}

function clock(minuteOfDay: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

/** On which dates it holds. */
export function dateText(wanted: Wanted | undefined): Text {
  const bare = text('今天不适用', 'Not today');
  if (wanted === undefined || wanted.values.length === 0 || wanted.how === 'not') return bare;
  const span = anyOf(wanted.values.map((value) => dateName(wanted.subject, Number(value))));
  switch (wanted.how) {
    case 'is':
      return text(`今天不适用，适用于${span['zh-CN']}`, `Not today; it holds on ${span.en}`);
    case 'at-least':
      return text(`今天不适用，从${span['zh-CN']}起`, `Not today; it holds from ${span.en} on`);
    case 'at-most':
      return text(`今天不适用，到${span['zh-CN']}为止`, `Not today; it held up to ${span.en}`);
  }
}

function dateName(subject: string, value: number): Text {
  switch (subject) {
    case 'now.day':
      return text(`每月 ${value} 日`, `day ${value} of the month`);
    case 'now.month':
      return text(` ${value} 月`, MONTHS[value - 1] ?? String(value));
    default: {
      const digits = String(value).padStart(8, '0');
      const day = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
      return text(` ${day} `, day);
    }
  }
}
