import { z } from 'zod';
import { joinSettingSchema } from '../../../agent/contract/join.ts';
import { type TierStep, tierStepsSchema } from '../../../agent/contract/member.ts';
import { amountMinorSchema } from '../../../agent/contract/money.ts';
import type { HqSession } from '../database/database.ts';
import type { HqLog } from '../deps.ts';

/** Tier of somebody who joins where no `join` setting names one. */
export const JOIN_TIER = 'standard';
/** Points for an online purchase where no `online` setting names a rate. */
export const ONLINE_POINTS_PER_100_MINOR = 1;

const schemas = {
  tiers: tierStepsSchema,
  online: z.object({ pointsPer100Minor: amountMinorSchema.max(10_000) }),
  join: joinSettingSchema,
} as const;

/** What the books take from the chain's settings. */
export interface BookSettings {
  /** Member tiers by the spend of the year; empty = tiers are given by hand alone. */
  readonly tiers: readonly TierStep[];
  readonly onlinePointsPer100Minor: number;
  readonly joinTier: string;
}

/** The rows `tiers`, `online` and `join` of the settings. One in a wrong form counts as absent, and the log says so. */
export async function readSettings(session: HqSession, log: HqLog): Promise<BookSettings> {
  const rows = await session.query<{ key: string; body: string }>(
    "SELECT key, body FROM settings WHERE key IN ('tiers', 'online', 'join')",
  );
  const bodies = new Map(rows.map(({ key, body }) => [key, body]));

  function read<Key extends keyof typeof schemas>(
    key: Key,
  ): z.output<(typeof schemas)[Key]> | undefined {
    const body = bodies.get(key);
    if (body === undefined) return undefined;
    const parsed = schemas[key].safeParse(jsonOf(body));
    if (parsed.success) return parsed.data as z.output<(typeof schemas)[Key]>;
    log('error', 'a setting is not in the right form', {
      key,
      error: z.prettifyError(parsed.error),
    });
    return undefined;
  }

  return {
    tiers: read('tiers') ?? [],
    onlinePointsPer100Minor: read('online')?.pointsPer100Minor ?? ONLINE_POINTS_PER_100_MINOR,
    joinTier: read('join')?.tier ?? JOIN_TIER,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON at all is one more wrong form; the schema says so.
    return undefined;
  }
}
