import { type Staff, staffSchema } from '../agent/contract/staff.ts';
import {
  type Store,
  storeSchema,
  type TillPlace,
  tillPlaceSchema,
} from '../agent/contract/store.ts';
import { type Text, text } from '../agent/contract/text.ts';
import { drawChineseName } from './names.ts';
import type { Prng } from './prng.ts';

/** A member of staff with the PIN in clear: demo data, printed at start so that people can sign in. */
export interface DemoStaff extends Staff {
  readonly pin: string;
  /** Where they work; null = everywhere. */
  readonly storeId: string | null;
}

interface StorePlan {
  readonly storeId: string;
  readonly storeTier: 'flagship' | 'standard' | 'express';
  readonly name: Text;
  readonly tills: number;
  readonly dayEndsAtMinute: number;
}

const plans: readonly StorePlan[] = [
  {
    storeId: 'sh-01',
    storeTier: 'flagship',
    name: text('上海静安旗舰店', "Shanghai Jing'an flagship"),
    tills: 4,
    dayEndsAtMinute: 120,
  },
  {
    storeId: 'cd-01',
    storeTier: 'standard',
    name: text('成都高新店', 'Chengdu Hi-Tech'),
    tills: 2,
    dayEndsAtMinute: 0,
  },
  {
    storeId: 'hz-01',
    storeTier: 'express',
    name: text('杭州西湖便利店', 'Hangzhou West Lake express'),
    tills: 1,
    dayEndsAtMinute: 0,
  },
];

/** PINs by role, easy to remember because everyone may try the demo. */
const pinOf = { cashier: '1111', manager: '2222', it: '3333' } as const;

const CASHIERS_PER_STORE = 3;

/** The three stores of the demo chain, one of each store tier 门店等级. */
export function demoStores(): Store[] {
  return plans.map(({ tills: _tills, ...plan }) =>
    storeSchema.parse({ ...plan, timeZone: 'Asia/Shanghai', currency: 'CNY' }),
  );
}

/** The tills of each store; the first of the first store is the one that `npm start` runs. */
export function demoTills(stores: readonly Store[]): TillPlace[] {
  return stores.flatMap((store, index) =>
    Array.from({ length: plans[index]?.tills ?? 0 }, (_, till) =>
      tillPlaceSchema.parse({ tillId: `${store.storeId}-till-${till + 1}`, store }),
    ),
  );
}

/** Cashiers and a manager for each store, and one IT colleague for all of them. */
export function demoStaff(prng: Prng, stores: readonly Store[]): DemoStaff[] {
  const member = (staffId: string, role: Staff['role'], storeId: string | null): DemoStaff => ({
    ...staffSchema.parse({ staffId, role, name: drawChineseName(prng) }),
    pin: pinOf[role],
    storeId,
  });
  return [
    ...stores.flatMap(({ storeId }, index) => [
      ...Array.from({ length: CASHIERS_PER_STORE }, (_, nth) =>
        member(String((index + 1) * 100 + nth + 1), 'cashier', storeId),
      ),
      member(String((index + 1) * 100 + 50), 'manager', storeId),
    ]),
    member('900', 'it', null),
  ];
}
