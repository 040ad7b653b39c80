import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { registerReplay } from '../../../../agent/main/commands/replay.ts';
import { createKeyFile } from '../../../../agent/main/key-file.ts';
import { runCommand } from '../../../support/run-command.ts';
import { runTill } from '../../../support/till.ts';
import { ANNA, basket, CASHIER, openTill, POS, sell, TEA, value } from '../../app/rig.ts';

/** A till that sold to a member and to a guest and took goods back, closed, with its key in a file. */
async function closedTill() {
  const rig = openTill();
  const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 2 }]));
  value(
    await rig.till.returnGoods(POS, {
      returnId: 'ret-1' as never,
      saleId: sale.saleId,
      lines: [{ lineId: 'l1' as never, qty: 1 }],
      referenceId: 'R-2',
      reason: 'wrong size',
      staffId: CASHIER as never,
    }),
  );
  await sell(rig, null, basket('b2', [TEA]));
  const { dataDir, keyStore } = rig.files;
  const path = join(dataDir, '..', `${sale.saleId}.key`);
  createKeyFile({ path, dataDir }).save(keyStore.key ?? new Uint8Array());
  onTestFinished(() => rmSync(path, { force: true }));
  const close = () => {
    rig.till.close();
    rig.store.close();
  };
  const whole = (args: readonly string[]) => [
    ...['replay', ...args, '--json'],
    ...['--data', dataDir, '--key-file', path],
  ];
  const till = async (...args: string[]) => {
    close();
    const { code, out } = await runCommand(registerReplay, whole(args));
    return { code, said: JSON.parse(out) };
  };
  /** The same in a process of its own. */
  const program = async (...args: string[]) => {
    close();
    const { code, stdout } = await runTill(whole(args));
    return { code, said: JSON.parse(stdout) };
  };
  return { rig, sale, till, program };
}

it('till replay --all evaluates every sale again, leaves returns out, and exits 0 where all are equal', async () => {
  const { till } = await closedTill();
  expect(await till('--all')).toEqual({
    code: 0,
    said: {
      sales: 2,
      states: {
        equal: 2,
        different: 0,
        erased: 0,
        'input-cleared': 0,
        'rule-set-missing': 0,
        broken: 0,
      },
      findings: [],
    },
  });
});

it('till replay SALE takes the id or the seq of a sale and tells the whole evaluation', async () => {
  const { sale, till } = await closedTill();
  const [byId, bySeq] = [await till(sale.saleId), await till('1')];
  expect(byId).toMatchObject({
    code: 0,
    said: { seq: 1, saleId: sale.saleId, state: 'equal', evaluation: { payableMinor: 1_800 } },
  });
  expect(bySeq).toEqual(byId);
});

it('till replay exits 1 where a sale comes out different', async () => {
  const { rig, program } = await closedTill();
  rig.files.withSql((db) =>
    db.exec(`UPDATE documents SET body = replace(body, '"percentBp":1000', '"percentBp":1100')`),
  );
  expect(await program('--from', '2026-11-21')).toMatchObject({ code: 1, said: { sales: 2 } });
});

it.each([
  ['an entry that is no sale', ['2'], { code: 'not-a-sale', message: { en: /return/ } }],
  ['a sale that it does not have', ['none'], { code: 'sale-unknown', remedy: { en: /1 to 3/ } }],
  ['a day that is none', ['--from', '21.11.2026'], { code: 'usage', message: { en: /--from/ } }],
  ['two questions at once', ['1', '--all'], { code: 'usage', remedy: { en: /--all/ } }],
] as const)('till replay says what is wrong with %s, and exits 2', async (_what, args, error) => {
  const { till } = await closedTill();
  const { code, said } = await till(...args);
  expect(code).toBe(2);
  const { code: told, ...sentences } = error;
  expect(said.error.code).toBe(told);
  for (const [name, { en }] of Object.entries(sentences)) expect(said.error[name].en).toMatch(en);
});
