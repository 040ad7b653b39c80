import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EntryReply, EvaluateReply } from '../../agent/contract/index.ts';
import { canHang, type HangingDisk, mountHangingDisk } from '../support/hanging-disk.ts';
import { type Pos, pairPos } from '../support/pos.ts';
import { CASHIER, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import {
  loadChain,
  prepareTillFolder,
  startTill,
  type TestTill,
  type TillFolder,
} from '../support/till.ts';
import { isLostConnection } from './kill-sales.ts';

const HANG_MS = 5_000;
/** A POS gives an answer up after so long and asks by its key. */
const PATIENCE_MS = 1_000;
const TEST_MS = 3 * 60_000;

const describeHanging = describe.skipIf(!canHang());
describeHanging('slow fsync (5 s), needing the right to mount and freeze a disk', () => {
  let disk: HangingDisk;
  let folder: TillFolder;
  let till: TestTill;
  let pos: Pos;
  beforeAll(async () => {
    disk = mountHangingDisk();
    folder = prepareTillFolder({
      rules: SMALL_RULES,
      chain: smallChain(3),
      config: { allowance: 'self' },
      within: disk.folder,
    });
    await loadChain(folder);
    till = await startTill(folder);
    pos = await pairPos(till, MANAGER);
  }, TEST_MS);
  afterAll(async () => {
    await till?.kill();
    disk?.unmount();
  }, TEST_MS);

  /** A basket that is ready to be paid. */
  async function held(basketId: string): Promise<EvaluateReply> {
    const { body } = await pos.evaluate(basketId, {
      currency: 'CNY',
      lines: [{ lineId: 'l1', sku: 'tea', qty: 1, unitPriceMinor: 990 }],
      staffId: CASHIER.staffId,
    });
    const { evaluationId, basketHash } = body;
    const answer = await pos.call('POST', `/evaluations/${evaluationId}/hold`, {
      basketHash,
      staffId: CASHIER.staffId,
    });
    expect(answer.status).toBe(200);
    return body;
  }

  const commit = ({ evaluationId, basketHash, evaluation }: EvaluateReply, key: string) =>
    pos.call<EntryReply>(
      'POST',
      `/evaluations/${evaluationId}/commit`,
      {
        basketHash,
        referenceId: key,
        staffId: CASHIER.staffId,
        payment: { paidMinor: evaluation.payableMinor },
      },
      { 'idempotency-key': key },
    );

  /** As a POS does that heard nothing: asks by key, and sends the same again where nothing is known. */
  async function settle(evaluation: EvaluateReply, key: string): Promise<EntryReply> {
    for (;;) {
      try {
        const known = await pos.call<EntryReply>('GET', `/commits/${key}`);
        if (known.status === 200) return known.body;
        const again = await commit(evaluation, key);
        if (again.status === 200) return again.body;
        throw new Error(JSON.stringify(again.body));
      } catch (error) {
        if (!isLostConnection(error)) throw error;
      }
    }
  }

  /** Sells on a disk that works, and tells under which number. */
  async function sell(key: string): Promise<number> {
    const { status, body } = await commit(await held(`basket-${key}`), key);
    expect(status).toBe(200);
    return body.seq;
  }

  test('a sale that the POS has given up is booked once, its answer is found by its key, and the log says that the till stood still', {
    timeout: TEST_MS,
  }, async () => {
    const before = await sell('before-sale-1');
    const evaluation = await held('slow-1');
    const { over } = await disk.hang(HANG_MS);
    const sent = commit(evaluation, 'slow-sale-1');
    const patience = new Promise((end) => setTimeout(end, PATIENCE_MS, 'given up'));
    expect(await Promise.race([sent, patience])).toBe('given up');
    const reply = await settle(evaluation, 'slow-sale-1');
    expect((await sent).body).toEqual(reply);
    expect(reply.seq).toBe(before + 1);
    await over;
    expect(await sell('after-sale-1')).toBe(before + 2);
    await expect.poll(() => till.log()).toContain('the till stood still');
  });

  test('a till that is killed while it waits for the disk has the sale once', {
    timeout: TEST_MS,
  }, async () => {
    const before = await sell('before-sale-2');
    const evaluation = await held('slow-2');
    const { over } = await disk.hang(HANG_MS);
    const sent = commit(evaluation, 'slow-sale-2').catch(() => 'lost');
    await new Promise((end) => setTimeout(end, PATIENCE_MS));
    await till.kill();
    await over;
    await sent;
    till = await startTill(folder);
    pos = pos.at(till.address);
    expect((await settle(evaluation, 'slow-sale-2')).seq).toBe(before + 1);
    expect(await sell('after-sale-2')).toBe(before + 2);
  });
});
