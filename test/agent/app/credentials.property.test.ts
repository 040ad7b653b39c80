import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BasketId,
  CREDENTIAL_WINDOW_STEPS,
  type CredentialUse,
} from '../../../agent/contract/index.ts';
import { parseCredential, stepOf } from '../../../agent/domain/credential/record.ts';
import { isCredentialRefusal } from '../../../agent/domain/credential/sentences.ts';
import { passKeyOf, testPhone } from '../../support/credentials.ts';
import { TEST_NOW_MS } from '../../support/store.ts';
import { ANNA, member, openTill, POS, value } from './rig.ts';

const STEP_MS = 30_000;

type Step =
  /** The phone shows a code, its clock ahead by so many steps. */
  | { readonly do: 'show'; readonly ahead: number }
  /** One of the codes that were ever shown is held before the scanner, for a basket or for none. */
  | { readonly do: 'scan'; readonly code: number; readonly basket: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('show' as const),
      ahead: fc.integer({ min: -3, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('scan' as const), code: fc.nat(20), basket: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, STEP_MS - 1, STEP_MS, 2 * STEP_MS, 4 * STEP_MS),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);

/** The replay matrix: any order of codes, baskets, restarts and time. */
test('whatever is shown in whatever order, a code is taken once, within its window and only above what was taken', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      const rig = openTill();
      const phone = testPhone(ANNA, { nowMs: TEST_NOW_MS });
      rig.store.members.upsert([
        member(ANNA, { passKeys: [passKeyOf(phone.signer, TEST_NOW_MS)] }),
      ]);
      const codes = [phone.show(TEST_NOW_MS)];
      const takers = new Map<number, string>();
      let highest = 0;

      async function scan(code: string, basket: number): Promise<void> {
        const record = parseCredential(code);
        if (record === undefined) throw new Error('the phone shows codes that can be read');
        const use: CredentialUse = {
          keyId: record.keyId,
          step: record.step,
          counter: record.counter,
        };
        const before = rig.store.credentialUses.showing(use);
        const more = basket === 0 ? {} : { basketId: `b${basket}` as BasketId };
        const answer = value(await rig.till.identify(POS, { text: code, ...more }));
        const isRefused = answer.notices.some(isCredentialRefusal);
        const after = rig.store.credentialUses.showing(use);
        if (before === undefined && after !== undefined) {
          expect(takers.has(use.counter)).toBe(false);
          expect(use.counter).toBeGreaterThan(highest);
          expect(Math.abs(use.step - stepOf(rig.time.wallMs))).toBeLessThanOrEqual(
            CREDENTIAL_WINDOW_STEPS,
          );
          expect([answer.outcome, isRefused]).toEqual(['identified', false]);
          takers.set(use.counter, answer.identificationId);
          highest = use.counter;
        } else if (takers.get(use.counter) !== answer.identificationId)
          expect(isRefused).toBe(true);
      }

      for (const one of steps) {
        if (one.do === 'show') codes.push(phone.show(rig.time.wallMs + one.ahead * STEP_MS));
        else if (one.do === 'scan') await scan(codes[one.code % codes.length] ?? '', one.basket);
        else if (one.do === 'pass') rig.time.pass(one.ms);
        else rig.restart();
      }
      rig.till.close();
    }),
    { numRuns: 20 },
  );
}, 60_000);
