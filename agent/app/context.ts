import { type LocalTime, UUID_RANDOM_BYTES, uuidv7 } from '../contract/index.ts';
import { localTime } from '../domain/benefits/local-time.ts';
import { dayText } from '../domain/calendar/day.ts';
import { businessDay } from '../domain/ledger/business-day.ts';
import type { VoucherCrypto } from '../domain/vouchers/voucher-crypto.ts';
import type { ClockGuard } from './clock-guard.ts';
import type { TillDeps } from './deps.ts';
import { rememberSignatures } from './remember-signatures.ts';
import { createWalletGuesses, type WalletGuesses } from './wallet-guesses.ts';
import type { Work, Writer } from './work.ts';

/** What every use case works with. */
export interface TillContext {
  readonly deps: TillDeps;
  readonly store: TillDeps['store'];
  readonly work: Work;
  /** See `Writer.later`. */
  readonly later: Writer['later'];
  /** Writes what waits, before something is read that it may change. */
  readonly settle: Writer['settle'];
  readonly clock: ClockGuard;
  /** The till's time in epoch milliseconds; never runs backwards. */
  nowMs(): number;
  /** The store's wall clock, with its business day. */
  local(): LocalTime;
  /** The store's calendar day, `YYYY-MM-DD`. */
  today(): string;
  businessDay(): string;
  /** A fresh time-ordered id. */
  newId(): string;
  /** SHA-256 of a text as lower-case hex. */
  hash(data: string): string;
  /** The dependency's, which remembers what it verified. */
  readonly vouchers: VoucherCrypto;
  readonly walletGuesses: WalletGuesses;
}

/** The context of a till over its dependencies. */
export function createContext(deps: TillDeps, clock: ClockGuard, writer: Writer): TillContext {
  const { store } = deps.place;
  let last: { readonly second: number; readonly time: LocalTime } | undefined;
  /** Worked out once a second: the calendar of a time zone is dear and asked for many times a sale. */
  const local = (): LocalTime => {
    const second = Math.floor(clock.now() / 1_000);
    if (last?.second !== second)
      last = {
        second,
        time: localTime(second * 1_000, store.timeZone, store.dayEndsAtMinute),
      };
    return last.time;
  };
  const hash = (data: string): string => deps.crypto.hash([data]);
  return {
    deps,
    store: deps.store,
    work: writer.work,
    later: writer.later,
    settle: writer.settle,
    clock,
    nowMs: clock.now,
    local,
    today: () => dayText(local().date),
    businessDay: () => businessDay(local(), store.dayEndsAtMinute),
    newId: () => uuidv7(clock.now(), deps.random(UUID_RANDOM_BYTES)),
    hash,
    vouchers: rememberSignatures(deps.vouchers, hash),
    walletGuesses: createWalletGuesses(),
  };
}
