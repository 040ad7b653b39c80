import { describe, expect, test } from 'vitest';
import { createPosSilence, POS_SILENT_MS } from '../../../agent/app/pos-silence.ts';
import { basket, openTill, POS, SCREEN, TEA, value } from './rig.ts';

describe('a till gives way to its POS', () => {
  test('from a request until a moment after its answer, so that nothing comes between evaluate and hold', async () => {
    const { till, time } = openTill();
    expect(till.isIdle()).toBe(true);
    const { evaluationId, basketHash } = value(await till.evaluate(POS, basket('B1', [TEA])));
    expect(till.isIdle()).toBe(false);
    time.pass(POS_SILENT_MS - 1);
    expect(till.isIdle()).toBe(false);
    value(await till.hold(POS, { id: evaluationId, basketHash, staffId: 'cashier-1' }));
    time.pass(POS_SILENT_MS - 1);
    expect(till.isIdle()).toBe(false);
    time.pass(1);
    expect(till.isIdle()).toBe(true);
  });

  test('and not to its own screen, behind which a person sits', async () => {
    const { till } = openTill();
    await till.identify(SCREEN, { text: 'CARD-anna' });
    value(await till.openBaskets());
    expect(till.isIdle()).toBe(true);
  });
});

test('an answer that takes long counts from its end', async () => {
  let nowMs = 0;
  const silence = createPosSilence(() => nowMs);
  const answer = Promise.withResolvers<string>();
  const { ask } = silence.watch({ ask: (_caller: typeof POS) => answer.promise });
  const asked = ask(POS);
  nowMs = 500;
  answer.resolve('here');
  expect(await asked).toBe('here');
  expect(silence.isSilent()).toBe(false);
  nowMs += POS_SILENT_MS;
  expect(silence.isSilent()).toBe(true);
});
