import { MONEY_MAX_MINOR, minorDigits } from '../../agent/contract/money.ts';
import type { Language } from '../../agent/contract/text.ts';

/** Numbers, money and times as the reader's language writes them. */
export interface Format {
  /** An amount in minor units of `currency`. */
  money(minor: number, currency: string): string;
  /** The same without the currency, for columns whose head names it. */
  amount(minor: number, currency: string): string;
  /** What people call a currency: `人民币`, `Chinese Yuan`. */
  currencyName(currency: string): string;
  number(value: number): string;
  /** `14:03`, of an instant, in the store's time zone. */
  time(instant: string): string;
  /** `14:03` today and with its day otherwise. */
  moment(instant: string, nowMs: number): string;
  /** Day, year and minute, where the day itself may be wrong. */
  fullMoment(instant: string): string;
  /** The calendar day `YYYY-MM-DD` of a moment in the store's time zone. */
  dayOf(atMs: number): string;
  /** A calendar day `YYYY-MM-DD` without any zone. */
  day(day: string): string;
  /** How long ago, in the largest unit that fits: `3 分钟`, `2 h`. */
  duration(ms: number): string;
}

const MINUTE_MS = 60_000;

/**
 * An amount above zero as people type it (`12`, `12.5`, `１２` of a Chinese keyboard), in minor units of `currency`; null
 * where it is none, finer than the currency is, or above {@link MONEY_MAX_MINOR}.
 */
export function readMoney(text: string, currency: string): number | null {
  const [, whole = '', part = ''] = /^(\d+)(?:\.(\d*))?$/.exec(plainDigits(text)) ?? [];
  const digits = minorDigits(currency);
  if (whole === '' || part.length > digits) return null;
  const minor = Number(whole + part.padEnd(digits, '0'));
  return minor > 0 && minor <= MONEY_MAX_MINOR ? minor : null;
}

/** A whole number as people type it, negative with a minus; null where it is none or has more than nine digits. */
export function readWhole(text: string): number | null {
  const plain = plainDigits(text);
  return /^-?\d{1,9}$/.test(plain) ? Number(plain) : null;
}

/** Full-width digits, points and minus signs as the plain ones (Unicode NFKC), without spaces around. */
function plainDigits(text: string): string {
  return text.normalize('NFKC').trim();
}

/** Builds the {@link Format} of a language; `timeZone` is the store's. */
export function createFormat(language: Language, timeZone: string | undefined): Format {
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...zone,
  });
  const dayClock = new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...zone,
  });
  const full = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    ...zone,
  });
  const dayKey = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...zone });
  const plainDay = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  });
  const plain = new Intl.NumberFormat(language);
  const names = new Intl.DisplayNames(language, { type: 'currency' });
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(
      value,
    );
  const currencies = new Map<
    string,
    { money: Intl.NumberFormat; amount: Intl.NumberFormat; perUnit: number }
  >();
  const of = (currency: string) => {
    const known = currencies.get(currency);
    if (known !== undefined) return known;
    const decimals = minorDigits(currency);
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const money = new Intl.NumberFormat(language, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      ...digits,
    });
    const amount = new Intl.NumberFormat(language, digits);
    const made = { money, amount, perUnit: 10 ** decimals };
    currencies.set(currency, made);
    return made;
  };
  return {
    money: (minor, currency) => of(currency).money.format(minor / of(currency).perUnit),
    amount: (minor, currency) => of(currency).amount.format(minor / of(currency).perUnit),
    currencyName: (currency) => names.of(currency) ?? currency,
    number: (value) => plain.format(value),
    time: (instant) => clock.format(new Date(instant)),
    moment: (instant, nowMs) => {
      const at = new Date(instant);
      return dayKey.format(at) === dayKey.format(new Date(nowMs))
        ? clock.format(at)
        : dayClock.format(at);
    },
    dayOf: (atMs) => dayKey.format(atMs),
    fullMoment: (instant) => full.format(new Date(instant)),
    day: (day) => plainDay.format(new Date(`${day}T00:00:00Z`)),
    duration: (ms) => {
      const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
      if (minutes < 1) return unit(Math.max(0, Math.floor(ms / 1_000)), 'second');
      if (minutes < 120) return unit(minutes, 'minute');
      const hours = Math.floor(minutes / 60);
      return hours < 48 ? unit(hours, 'hour') : unit(Math.floor(hours / 24), 'day');
    },
  };
}
