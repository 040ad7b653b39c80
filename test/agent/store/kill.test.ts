import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { verifyChain } from '../../../agent/domain/ledger/chain.ts';
import { openBody } from '../../../agent/domain/ledger/sealed-body.ts';
import { createKeyFile } from '../../../agent/main/key-file.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import { findInClear } from '../../support/byte-search.ts';
import { ledgerCrypto, testMember } from '../../support/ledger.ts';

const KILLS = 6;
const root = mkdtempSync(join(tmpdir(), 'tillside-kill-'));
const [dataDir, keyPath] = [join(root, 'data'), join(root, 'till.key')];
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Lets a child book sales and kills it once it has said `sales` more; answers the last sale it said. */
async function bookAndKill(sales: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, ['test/support/append-until-killed.ts', dataDir, keyPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((settle) => child.once('exit', settle));
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    if (said.split('\n').length > sales) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  await ended;
  return Number(said.trimEnd().split('\n').at(-1));
}

describe('an agent that is killed while it books sales', () => {
  test('has every sale it spoke of, at most one more, each whole, and nothing of it lies in clear', async () => {
    const member = testMember(1);
    let before = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const said = await bookAndKill(kill * 7, kill * 3);
      expect(said).toBeGreaterThanOrEqual(before + kill * 7);
      before = said;

      const key = Buffer.from(readFileSync(keyPath, 'utf8').trim(), 'hex');
      expect(
        findInClear(dataDir, [member.name, member.phone ?? '', ...member.cards, 'likes-tea', key]),
      ).toEqual([]);

      const keyStore = createKeyFile({ path: keyPath, dataDir });
      const opened = openStore({ dataDir, keyStore, clock: { now: () => 0 }, random: randomBytes });
      if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
      const store = opened.value;
      const { seq } = store.ledger.head();
      expect([said, said + 1]).toContain(seq);

      const rows = store.ledger.after(0, seq + 1);
      expect(verifyChain(ledgerCrypto.hash, rows)).toMatchObject({ ok: true, value: { seq } });
      const keyOf = (keyId: string) => store.keys.byId(keyId)?.key;
      expect(
        rows.filter((row) => !openBody(ledgerCrypto, row, keyOf(row.header.keyId)).ok),
      ).toEqual([]);
      expect(
        rows.filter(({ header }) => store.points.movementsOf(header.seq).length !== 1),
      ).toEqual([]);
      expect(
        rows.filter(
          (_, i) => store.replies.get('pos-1', `key-${i + 1}-12345678`)?.reply.seq !== i + 1,
        ),
      ).toEqual([]);
      expect([store.outbox.waiting(), store.events.head()]).toEqual([seq, seq]);
      expect(store.points.balance('m-1' as MemberId)).toBe(seq * 90);
      store.close();
    }
  }, 60_000);
});
