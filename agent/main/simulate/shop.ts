import {
  type EvaluateRequest,
  evaluateRequestSchema,
  joinRequestSchema,
  returnRequestSchema,
} from '../../contract/index.ts';
import { cardOf, SIM_STAFF } from './chain.ts';
import type { Chance } from './chance.ts';
import { looking } from './disk.ts';
import { SIM_POS, type TillMachine } from './till-machine.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

const PRICES = [1_250, 2_500, 4_900, 12_000, 31_000] as const;
const SKUS = ['tea', 'milk', 'soap', 'rice', 'salt'] as const;
/** A basket from here on spends points by the rules: headquarters is asked. */
const ASKS_FROM_MINOR = 30_000;

/** A checkout that was begun. */
export interface Checkout {
  readonly till: TillMachine;
  readonly label: string;
  beganMs: number;
  /** Whether it may ask headquarters something, with a deadline. */
  readonly mayAsk: boolean;
  state: 'begun' | 'booked' | 'refused' | 'died';
}

export interface Shop {
  /** Rings up one basket at a till that is up. */
  sell(till: TillMachine, chance: Chance): Checkout;
  /** Goods of an earlier sale of this till come back. */
  takeBack(till: TillMachine, chance: Chance): Checkout | undefined;
  /** Somebody becomes a member at the till. */
  join(till: TillMachine): void;
}

export interface ShopOptions {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly stores: number;
  readonly membersOfStore: number;
  /** Whether rows of the till were damaged: it may have lost the member, and asks. */
  readonly isDamaged: (till: TillMachine) => boolean;
}

/** The shoppers of the simulated stores, by the same use cases that a POS program calls. */
export function createShop({ time, trace, stores, membersOfStore, isDamaged }: ShopOptions): Shop {
  let numbers = 0;
  const sales = new Map<string, { saleId: string; qty: number }[]>();

  function begin(
    till: TillMachine,
    label: string,
    mayAsk: boolean,
    work: () => Promise<null | string>,
  ): Checkout {
    const checkout: Checkout = { till, label, beganMs: time.nowMs(), mayAsk, state: 'begun' };
    const life = till.life();
    const died = (): boolean => till.life() !== life || !till.isUp;
    work().then(
      (done) => {
        if (done !== null && died()) checkout.state = 'died';
        else if (done !== null) {
          checkout.state = 'refused';
          trace.note(till.name, `${label} refused: ${done}`);
        } else checkout.state = 'booked';
      },
      (error: unknown) => {
        checkout.state = 'died';
        if (!died()) trace.note(till.name, `${label} broke: ${String(error)}`);
      },
    );
    return checkout;
  }

  return {
    sell(till, chance) {
      numbers += 1;
      const number = numbers;
      const qty = chance.between(1, 3);
      const place = chance.below(SKUS.length);
      const unitPriceMinor = chance.pick(PRICES);
      const isGuest = chance.happens(0.15);
      // Mostly members of this store, sometimes of another, who may have to be looked up.
      const isAway = stores > 1 && chance.happens(0.15);
      const home = Number(till.storeId.slice(1)) - 1;
      const store = isAway ? chance.below(stores) : home;
      const card = cardOf(store * membersOfStore + chance.below(membersOfStore));
      const label = `sale ${number}`;
      // A till without a first copy knows nobody.
      const mayLack = isDamaged(till) || looking(() => till.store().sync.cursor() === undefined);
      const mayAsk = isAway || (!isGuest && (mayLack || unitPriceMinor * qty >= ASKS_FROM_MINOR));
      return begin(till, label, mayAsk, async () => {
        const at = till.till();
        const request = evaluateRequestSchema.parse({
          id: `basket-${till.name}-${number}`,
          currency: 'CNY',
          lines: [{ lineId: 'l1', sku: SKUS[place], qty, unitPriceMinor }],
        });
        const known = isGuest ? undefined : await at.identify(SIM_POS, { text: card });
        const bound: Partial<EvaluateRequest> = known?.ok
          ? { identificationId: known.value.identificationId }
          : {};
        const evaluated = await at.evaluate(SIM_POS, { ...request, ...bound });
        if (!evaluated.ok) return evaluated.error.code;
        const { evaluationId: id, basketHash } = evaluated.value;
        const held = await at.hold(SIM_POS, { id, basketHash, staffId: SIM_STAFF as never });
        if (!held.ok) return held.error.code;
        const done = await at.commit(SIM_POS, {
          id,
          key: `key-${till.name}-${number}`,
          body: { basketHash, referenceId: `R-${number}`, staffId: SIM_STAFF as never },
        } as never);
        if (!done.ok) return done.error.code;
        const { saleId } = done.value;
        const own = sales.get(till.name) ?? [];
        own.push({ saleId, qty });
        sales.set(till.name, own);
        return null;
      });
    },
    takeBack(till, chance) {
      const own = sales.get(till.name) ?? [];
      if (own.length === 0) return undefined;
      const at = chance.below(own.length);
      const [sale] = own.splice(at, 1);
      if (sale === undefined) return undefined;
      numbers += 1;
      const number = numbers;
      return begin(till, `return ${number}`, true, async () => {
        const done = await till.till().returnGoods(
          SIM_POS,
          returnRequestSchema.parse({
            returnId: `back-${till.name}-${number}`,
            saleId: sale.saleId,
            lines: [{ lineId: 'l1', qty: chance.between(1, sale.qty) }],
            referenceId: `R-${number}`,
            reason: 'does not fit',
            staffId: SIM_STAFF,
          }),
        );
        return done.ok ? null : done.error.code;
      });
    },
    join(till) {
      numbers += 1;
      const number = numbers;
      trace.note(till.name, `join ${number}`);
      // A till that ends in it throws.
      void (async () =>
        till.till().join(
          SIM_POS,
          joinRequestSchema.parse({
            phone: `139${String(number).padStart(8, '0')}`,
            name: `新会员${number}`,
            consentVersion: '1',
            consentChannel: 'spoken',
            staffId: SIM_STAFF,
          }),
        ))().then(
        (done) => {
          if (!done.ok) trace.note(till.name, `join ${number} refused: ${done.error.code}`);
        },
        () => undefined,
      );
    },
  };
}
