import type { SessionReply } from '../../protocol/session.ts';
import { CHECKS_SINCE } from '../../protocol/version.ts';
import type { ChecksStore } from '../check-ports.ts';
import { tryStorage } from '../storage-failure.ts';
import type { StorageTrouble } from './storage-trouble.ts';

/** The key under which headquarters makes digests, as the session told it. */
export interface DigestKey {
  /** In hex; `null` = none is known in this run, or headquarters does not do checks. */
  readonly hex: string | null;
  /** Whether headquarters does checks; `null` = no session told as yet. */
  readonly isKnownThere: boolean | null;
  /** Whether the till's digests are made under it. */
  readonly isTaken: boolean;
  told(reply: SessionReply): void;
  /** Headquarters answered that it does no checks. */
  unknownThere(): void;
  /** Makes the till's digests under it; what was applied before counts under it too. @returns whether they are */
  take(): boolean;
}

export function createDigestKey(
  checks: Pick<ChecksStore, 'setKey'>,
  storage: StorageTrouble,
): DigestKey {
  let hex: string | null = null;
  let isKnownThere: boolean | null = null;
  let isTaken = false;
  return {
    get hex() {
      return hex;
    },
    get isKnownThere() {
      return isKnownThere;
    },
    get isTaken() {
      return isTaken;
    },
    told({ protocol, digestKey }) {
      isKnownThere = protocol >= CHECKS_SINCE && digestKey !== undefined;
      if (isKnownThere && digestKey !== hex) isTaken = false;
      hex = isKnownThere ? (digestKey ?? null) : null;
    },
    unknownThere() {
      isKnownThere = false;
    },
    take() {
      const key = hex;
      if (key === null || isTaken) return key !== null;
      const used = tryStorage(() => checks.setKey(key));
      if (used.ok) isTaken = true;
      else storage.raise(used.error);
      return used.ok;
    },
  };
}
