import { ID_MAX_LENGTH } from '../../../agent/contract/ids.ts';
import { MONEY_MAX_MINOR, minorDigits } from '../../../agent/contract/money.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { localTime } from '../../../agent/domain/benefits/local-time.ts';
import { toAscii } from '../../../agent/domain/identify/to-ascii.ts';
import { type ProblemCode, type RowProblem, rowProblem } from './import-problem.ts';
import { maskValue } from './mask-value.ts';
import type { SourceRow } from './source-row.ts';

/** What a decoder leaves of damaged bytes, and the one character that PostgreSQL cannot store. */
const DAMAGED = /[\ufffd\0]/;
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/;
const SCIENTIFIC = /^\d(\.\d+)?e\+?\d+$/i;
const LIST_SEPARATORS = /[;；|、,，\n]/;
/** By decimals of the currency. */
const AMOUNT_FORMS: Readonly<Record<number, string>> = {
  0: 'an amount such as 20',
  2: 'an amount such as 19.90',
  3: 'an amount such as 19.900',
  4: 'an amount such as 19.9000',
};
const YES = new Set(['1', 'true', 'yes', 'y', '是', '在职', '启用', '有效', '正常']);
const NO = new Set(['0', 'false', 'no', 'n', '否', '离职', '停用', '无效']);

/**
 * Reads the values of one row, field by field. Each method gives `undefined` where the row says nothing about the field
 * (no column, an empty cell) or where it is wrong; then `problems` has it.
 */
export interface RowReader {
  readonly problems: RowProblem[];
  /** The value as it came. */
  raw(field: string): unknown;
  text(field: string, maxLength: number): string | undefined;
  id(field: string): string | undefined;
  /** Digits with an optional plus; separators and the Chinese country code before a mobile number fall away. */
  phone(field: string): string | undefined;
  digits(field: string, pattern: RegExp, form: string): string | undefined;
  list(field: string, maxItems: number, minLength: number, maxLength: number): string[] | undefined;
  count(field: string): number | undefined;
  /** An amount in major units (yuan), as minor units of the chain's currency. */
  major(field: string): number | undefined;
  day(field: string): string | undefined;
  /** With an offset, or in the chain's own time. */
  instant(field: string): string | undefined;
  choice<T extends string>(field: string, names: Readonly<Record<string, T>>): T | undefined;
  flag(field: string): boolean | undefined;
  /** Notes a problem with what the row has in that field. */
  problem(field: string, code: ProblemCode, detail?: string): void;
}

/** @param context time zone of times without an offset, currency of amounts, and how the file was decoded */
export function createRowReader(
  { rowNo, values }: SourceRow,
  {
    timeZone,
    currency,
    encoding,
  }: { readonly timeZone: string; readonly currency: string; readonly encoding: string },
): RowReader {
  const problems: RowProblem[] = [];
  const problem: RowReader['problem'] = (field, code, detail = '') => {
    problems.push(rowProblem(rowNo, field, code, maskValue(field, values[field] ?? ''), detail));
  };
  const invalid = (field: string, form: string): undefined =>
    problem(field, 'invalid', form) as undefined;

  const cell = (field: string): string | undefined => {
    const value = values[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return invalid(field, 'a text that is not too long');
    }
    const text = plainCell(String(value));
    if (DAMAGED.test(text)) return problem(field, 'encoding', encoding) as undefined;
    return text === '' ? undefined : text;
  };
  const number = (field: string): string | undefined => {
    const text = cell(field);
    return text === undefined ? undefined : toAscii(text).replace(/[\s,¥￥$元]/g, '');
  };

  return {
    problems,
    problem,
    raw: (field) => values[field],
    text(field, maxLength) {
      const text = cell(field);
      if (text === undefined || text.length <= maxLength) return text;
      return invalid(field, 'a text that is not too long');
    },
    id(field) {
      const text = cell(field);
      if (text === undefined) return undefined;
      if (SCIENTIFIC.test(text)) return problem(field, 'scientific') as undefined;
      const id = toAscii(text);
      if (id.length <= ID_MAX_LENGTH && ID.test(id)) return id;
      return invalid(field, 'an id: letters, digits and . _ : -, at most 64');
    },
    phone(field) {
      const text = cell(field);
      if (text === undefined) return undefined;
      if (SCIENTIFIC.test(text)) return problem(field, 'scientific') as undefined;
      const compact = toAscii(text).replace(/[\s\-().]/g, '');
      const national = compact.replace(/^(?:\+|00)?86(?=1\d{10}$)/, '');
      return /^\+?\d{6,15}$/.test(national) ? national : invalid(field, '6 to 15 digits');
    },
    digits(field, pattern, form) {
      const text = cell(field);
      if (text === undefined) return undefined;
      if (SCIENTIFIC.test(text)) return problem(field, 'scientific') as undefined;
      const compact = toAscii(text).replace(/\s/g, '');
      return pattern.test(compact) ? compact : invalid(field, form);
    },
    list(field, maxItems, minLength, maxLength) {
      const value = values[field];
      if (value === undefined || value === null) return undefined;
      const parts = Array.isArray(value) ? value : [value];
      if (!parts.every((part) => typeof part === 'string' || typeof part === 'number')) {
        return invalid(field, 'a list of texts');
      }
      const items = parts
        .flatMap((part) => plainCell(String(part)).split(LIST_SEPARATORS))
        .map((part) => plainCell(part))
        .filter((part) => part !== '');
      // A JSON list without items empties the field; an empty cell says nothing.
      if (items.length === 0) return Array.isArray(value) ? [] : undefined;
      if (items.some((item) => DAMAGED.test(item))) {
        return problem(field, 'encoding', encoding) as undefined;
      }
      if (field === 'cards' && items.some((item) => SCIENTIFIC.test(item))) {
        return problem(field, 'scientific') as undefined;
      }
      if (items.some(({ length }) => length < minLength || length > maxLength)) {
        return invalid(field, 'a text that is not too long');
      }
      const unique = [...new Set(items)];
      if (unique.length > maxItems)
        return problem(field, 'too-many', String(maxItems)) as undefined;
      return unique;
    },
    count(field) {
      const text = number(field);
      if (text === undefined) return undefined;
      const count = /^\d{1,12}(\.0+)?$/.test(text) ? Number.parseInt(text, 10) : -1;
      return count >= 0 && count <= MONEY_MAX_MINOR
        ? count
        : invalid(field, 'a whole number, zero or more');
    },
    major(field) {
      const text = number(field);
      if (text === undefined) return undefined;
      const digits = minorDigits(currency);
      const [, whole, part = ''] = /^(\d{1,12})(?:\.(\d+?)0*)?$/.exec(text) ?? [];
      const decimals = part === '0' ? '' : part;
      // Digits are put together, not multiplied: no fraction in between that could round.
      const minor = Number(`${whole}${decimals.padEnd(digits, '0')}`);
      return decimals.length <= digits && minor <= MONEY_MAX_MINOR
        ? minor
        : invalid(field, AMOUNT_FORMS[digits] ?? '');
    },
    day(field) {
      const text = cell(field);
      if (text === undefined) return undefined;
      return dayOf(text)?.day ?? invalid(field, 'a day such as 1990-05-31');
    },
    instant(field) {
      const text = cell(field);
      if (text === undefined) return undefined;
      return instantOf(text, timeZone) ?? invalid(field, 'a time such as 2026-11-21 08:30:00');
    },
    choice(field, names) {
      const text = cell(field);
      if (text === undefined) return undefined;
      return (
        names[text.toLowerCase()] ?? invalid(field, [...new Set(Object.keys(names))].join(', '))
      );
    },
    flag(field) {
      const text = cell(field)?.toLowerCase();
      if (text === undefined) return undefined;
      if (YES.has(text)) return true;
      return NO.has(text) ? false : invalid(field, 'yes or no');
    },
  };
}

/** What spreadsheets put around a text so that it stays one: `="00123"`, a leading apostrophe, a tab behind. */
function plainCell(text: string): string {
  const trimmed = text.trim();
  const formula = /^="(.*)"$/.exec(trimmed);
  return (formula?.[1] ?? trimmed).replace(/^'/, '').trim();
}

const DAY = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+(.*))?$/;
const COMPACT_DAY = /^(\d{4})(\d{2})(\d{2})$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/;

function dayOf(text: string): { day: string; clock: string } | undefined {
  const match = DAY.exec(toAscii(text)) ?? COMPACT_DAY.exec(toAscii(text));
  if (match === null) return undefined;
  const [, year = '', month = '', date = '', clock = ''] = match;
  const day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const real = new Date(`${day}T00:00:00Z`);
  // 31 June exists in no calendar; Date would make it 1 July.
  const exists = !Number.isNaN(real.getTime()) && real.toISOString().startsWith(day);
  return exists && Number(year) >= 1800 ? { day, clock: clock.trim() } : undefined;
}

function instantOf(text: string, timeZone: string): string | undefined {
  const withOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
  if (withOffset.test(text)) {
    const epochMs = Date.parse(text);
    return Number.isNaN(epochMs) ? undefined : toInstant(epochMs);
  }
  const day = dayOf(text);
  if (day === undefined) return undefined;
  const [, hour = '0', minute = '0', second = '0'] = CLOCK.exec(day.clock) ?? [];
  if (day.clock !== '' && !CLOCK.test(day.clock)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const wallMs =
    Date.parse(`${day.day}T00:00:00Z`) +
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  return toInstant(wallMs - offsetMs(wallMs - offsetMs(wallMs, timeZone), timeZone));
}

/** How far a zone's wall clock is ahead of UTC at an instant. */
function offsetMs(epochMs: number, timeZone: string): number {
  const { date, secondOfDay } = localTime(epochMs, timeZone);
  const year = Math.floor(date / 10_000);
  const month = Math.floor(date / 100) % 100;
  const wallMs = Date.UTC(year, month - 1, date % 100) + secondOfDay * 1_000;
  return wallMs - Math.floor(epochMs / 1_000) * 1_000;
}
