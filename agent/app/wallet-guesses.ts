/** Wrong digits of one card within {@link WALLET_GUESS_WINDOW_MS}; with one more its right ones count as a card that is shown. */
export const WALLET_GUESSES_CARD_MAX = 5;
/** Wrong digits of all cards at this till within that time; with one more this holds for every card. */
export const WALLET_GUESSES_TILL_MAX = 50;
/** For how long wrong digits are held against a card, in milliseconds. */
export const WALLET_GUESS_WINDOW_MS = 10 * 60_000;

/** Wrong digits of wallet cards, held in memory: a restart takes longer than the guesses that it gives back are worth. */
export interface WalletGuesses {
  /** Notes wrong digits. */
  note(keyId: string, nowMs: number): void;
  /** Whether there were so many that right ones may be guessed as well. */
  isGuessed(keyId: string, nowMs: number): boolean;
  /** How many are remembered: {@link WALLET_GUESSES_TILL_MAX} and one more at most. */
  count(): number;
}

/** Counts by the till's trusted time. Nobody is locked out: see `CREDENTIAL_NOTICES.walletGuessed`. */
export function createWalletGuesses(): WalletGuesses {
  /** The oldest first. One more than the till's limit is enough to know that it is passed. */
  let guesses: { readonly keyId: string; readonly atMs: number }[] = [];

  return {
    note(keyId, nowMs) {
      guesses.push({ keyId, atMs: nowMs });
      guesses = guesses.slice(-(WALLET_GUESSES_TILL_MAX + 1));
    },
    isGuessed(keyId, nowMs) {
      guesses = guesses.filter(({ atMs }) => atMs > nowMs - WALLET_GUESS_WINDOW_MS);
      const ofCard = guesses.filter((one) => one.keyId === keyId);
      return ofCard.length > WALLET_GUESSES_CARD_MAX || guesses.length > WALLET_GUESSES_TILL_MAX;
    },
    count: () => guesses.length,
  };
}
