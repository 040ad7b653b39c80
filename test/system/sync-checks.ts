import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Check } from '../../agent/main/commands/check.ts';
import { checksOfSync } from '../../agent/main/commands/sync-checks.ts';
import { type SyncedTill, until } from '../support/synced-till.ts';
import { sellBesideHeadquarters } from './sync-sales.ts';

/** Sales so far: each has a key of its own. */
let sold = 0;
/** Selling goes on: a whole sale to a member through the public API. */
export function sell(at: SyncedTill) {
  sold += 1;
  const key = `sale-${String(sold).padStart(6, '0')}`;
  return sellBesideHeadquarters(
    at.pos,
    {
      key,
      member: 1,
      basket: {
        currency: 'CNY',
        staffId: 'c1',
        lines: [{ lineId: 'l1', sku: 'soap', qty: 1, unitPriceMinor: 5_000 }],
      },
    },
    () => Promise.resolve(),
  );
}

/** Waits until headquarters has signed for an entry. */
export function received(at: SyncedTill, seq: number) {
  return until(
    `the receipt of ${at.tillId}`,
    async () => ((await at.sync()).receivedSeq >= seq ? true : undefined),
    () => at.till().log().slice(-2_000),
  );
}

/** Waits until `till sync status --json` says a sentence; its exit code is 1. */
export function says(at: SyncedTill, sentence: string) {
  const saying = (checks: readonly Check[]) =>
    checks.find(({ ok, detail }) => !ok && detail.includes(sentence));
  return until(
    `"${sentence}" at ${at.tillId}`,
    async () => {
      // The command is a program to start: asked only once the till itself has something to say.
      if (saying(checksOfSync(await at.sync(), Date.now())) === undefined) return undefined;
      const { code, checks } = await at.status();
      const wrong = saying(checks);
      if (wrong === undefined) return undefined;
      expect(code).toBe(1);
      expect(wrong.remedy).not.toBe('');
      return wrong;
    },
    () => at.till().log().slice(-2_000),
  );
}

/** Takes the room that is left on a disk. */
export function fillDisk(path: string): void {
  const some = Buffer.alloc(64 * 1024);
  for (;;) {
    try {
      writeFileSync(path, some, { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
