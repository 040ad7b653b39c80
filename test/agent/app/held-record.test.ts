import { describe, expect, test } from 'vitest';
import { readHoldBody } from '../../../agent/app/held-record.ts';
import { assert } from '../../../agent/contract/index.ts';
import { ANNA, basket, commitOf, hold, openTill, POS, ringUp, TEA, value } from './rig.ts';

describe('what a hold keeps', () => {
  test('is the basket once and the rules that apply, and the receipt names those', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    expect(reply.evaluation.outcomes).toHaveLength(5);
    await hold(rig, reply);
    const row = rig.store.holds.get(reply.evaluationId);
    assert(row !== undefined, 'the hold has its row');
    const { record } = readHoldBody(row);
    expect(record.evaluation.outcomes.map(({ ruleId }) => ruleId)).toEqual(['gold-drinks', 'earn']);
    expect(record).not.toHaveProperty('request');
    const done = value(await rig.till.commit(POS, commitOf(reply)));
    const receipt = done.receipt.lines.map((line) => line.en).join('\n');
    expect(receipt).toContain('Gold 10 % off drinks');
    expect(receipt).not.toContain('leaflet');
  });

  test('shows the sale after a restart, and a settled one with every reason until then', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.restart();
    const shown = value(await rig.till.showBasket('b1'));
    expect(shown).toMatchObject({ state: 'HELD', evaluation: { payableMinor: 900 } });
    expect(shown.evaluation.outcomes).toHaveLength(2);

    const other = openTill();
    const sale = await ringUp(other, ANNA, basket('b1', [TEA]));
    await hold(other, sale);
    value(await other.till.commit(POS, commitOf(sale)));
    expect(value(await other.till.showBasket('b1')).evaluation.outcomes).toHaveLength(5);
  });
});
