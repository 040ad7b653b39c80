import { describe, expect, test } from 'vitest';
import {
  createWalletGuesses,
  WALLET_GUESS_WINDOW_MS,
  WALLET_GUESSES_CARD_MAX,
  WALLET_GUESSES_TILL_MAX,
} from '../../../agent/app/wallet-guesses.ts';

const NOW_MS = 1_000_000_000;

describe('wrong digits of wallet cards', () => {
  test('are held against their card beyond its limit, until the window has passed', () => {
    const guesses = createWalletGuesses();
    for (let n = 0; n < WALLET_GUESSES_CARD_MAX; n++) guesses.note('card-a', NOW_MS);
    expect(guesses.isGuessed('card-a', NOW_MS)).toBe(false);
    guesses.note('card-a', NOW_MS);
    expect(guesses.isGuessed('card-a', NOW_MS)).toBe(true);
    expect(guesses.isGuessed('card-b', NOW_MS)).toBe(false);
    expect(guesses.isGuessed('card-a', NOW_MS + WALLET_GUESS_WINDOW_MS - 1)).toBe(true);
    expect(guesses.isGuessed('card-a', NOW_MS + WALLET_GUESS_WINDOW_MS)).toBe(false);
  });

  test("are held against every card beyond the till's limit, and no more of them are kept", () => {
    const guesses = createWalletGuesses();
    for (let n = 0; n < WALLET_GUESSES_TILL_MAX; n++) guesses.note(`card-${n}`, NOW_MS);
    expect(guesses.isGuessed('another', NOW_MS)).toBe(false);
    for (let n = 0; n < 1_000; n++) guesses.note('one-more', NOW_MS);
    expect(guesses.isGuessed('another', NOW_MS)).toBe(true);
    expect(guesses.count()).toBe(WALLET_GUESSES_TILL_MAX + 1);
  });
});
