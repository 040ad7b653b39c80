import {
  ALLOWANCE_DEADLINE_MS,
  LOOKUP_DEADLINE_MS,
  SALE_DEADLINE_MS,
} from '../../../sync/client/ports.ts';
import type { Chance } from './chance.ts';
import type { Violation } from './invariants.ts';
import type { Checkout, Shop } from './shop.ts';
import type { TillMachine } from './till-machine.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A checkout that asks headquarters is over by then, in milliseconds: every question has its deadline. */
const ASKING_MS = ALLOWANCE_DEADLINE_MS + LOOKUP_DEADLINE_MS + 4 * SALE_DEADLINE_MS;

/** The checkouts under way, and the sales that still have to be rung up. */
export interface Checkouts {
  sell(till: TillMachine): void;
  takeBack(till: TillMachine): void;
  /** Rings up what could not be sold before. @returns whether there was anything */
  sellOwed(): boolean;
  /** Once everything is well every till sells: what is owed yet is a violation. */
  checkOwed(): Violation[];
  /** I6: no checkout waits for the network, and one that asks has its deadlines. */
  check(): Violation[];
  /** Nobody waits while all machines sleep. */
  slept(): void;
  readonly sales: number;
}

export function createCheckouts(time: VirtualTime, shop: Shop, chance: Chance): Checkouts {
  const open = new Set<Checkout>();
  const owed = new Map<TillMachine, number>();
  let sales = 0;
  const owe = (till: TillMachine): void => void owed.set(till, (owed.get(till) ?? 0) + 1);

  function sell(till: TillMachine): void {
    if (!till.isUp) owe(till);
    else if (till.stalledMs > 0) time.after(till.stalledMs, () => sell(till));
    else open.add(shop.sell(till, chance));
  }

  function close(checkout: Checkout): void {
    open.delete(checkout);
    if (!checkout.label.startsWith('sale')) return;
    if (checkout.state === 'booked') sales += 1;
    else owe(checkout.till);
  }

  return {
    sell,
    takeBack(till) {
      const canBegin = till.isUp && till.stalledMs === 0;
      const begun = canBegin ? shop.takeBack(till, chance) : undefined;
      if (begun !== undefined) open.add(begun);
    },
    sellOwed() {
      const due = [...owed];
      owed.clear();
      for (const [till, count] of due) for (let n = 0; n < count; n += 1) sell(till);
      return due.length > 0;
    },
    checkOwed: () =>
      [...owed].map(([{ name }, count]) => ({
        invariant: 'liveness',
        detail: `${name}: ${count} sales are refused still`,
      })),
    check() {
      const found: Violation[] = [];
      for (const checkout of open) {
        const { till, label, beganMs, mayAsk, state } = checkout;
        const tookMs = time.nowMs() - beganMs;
        const isLate = tookMs > (mayAsk ? ASKING_MS : 0);
        if (state !== 'begun') close(checkout);
        else if (!isLate || !till.isUp) continue;
        else open.delete(checkout);
        if (isLate && till.isUp && (state === 'begun' || state === 'booked'))
          found.push({ invariant: 'I6', detail: `${till.name}: ${label} took ${tookMs} ms` });
      }
      return found;
    },
    slept() {
      for (const checkout of open) checkout.beganMs = time.nowMs();
    },
    get sales() {
      return sales;
    },
  };
}
