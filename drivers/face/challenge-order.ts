/** Movements that can be seen in landmarks; left and right are the member's own. As `ChallengeStep` of the contract. */
export const CHALLENGE_MOVEMENTS = ['turn-left', 'turn-right', 'blink', 'nearer'] as const;
export type ChallengeMovement = (typeof CHALLENGE_MOVEMENTS)[number];

/**
 * Movements in one challenge. Three of four hold at least one turn, which is the movement that nothing flat can make,
 * and leave 24 orders to guess among.
 */
export const CHALLENGE_LENGTH = 3;

/**
 * A random order (Fisher and Yates).
 * @param random from 0 up to and without 1, hard to foresee: whoever knows the order can film it beforehand
 */
export function challengeOrder(random: () => number): ChallengeMovement[] {
  const left = [...CHALLENGE_MOVEMENTS];
  return Array.from({ length: CHALLENGE_LENGTH }, () => {
    const [taken = 'blink'] = left.splice(Math.floor(random() * left.length), 1);
    return taken;
  });
}
