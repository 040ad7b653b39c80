import { z } from 'zod';
import { WEATHER_SETTING_PREFIX, weatherSettingSchema } from '../../../agent/contract/calendar.ts';
import { faceSettingSchema } from '../../../agent/contract/face-facts.ts';
import { storeIdSchema } from '../../../agent/contract/ids.ts';
import { joinSettingSchema } from '../../../agent/contract/join.ts';
import { tierStepsSchema } from '../../../agent/contract/member.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { revokedKeysSchema } from '../../../agent/contract/revoked-keys.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../database/database.ts';
import { carriersOf, type MembersRule, membersRuleSchema } from './members-rule.ts';

/** The chain's settings, by key. */
export const SETTING_SCHEMAS = {
  /** What a shopper agrees to when joining at a till, and the tier that they get. */
  join: joinSettingSchema,
  /** What a member agrees to, and the stores that are switched off; without it no till uses faces. */
  face: faceSettingSchema,
  /** Member tiers by the spend of the year. */
  tiers: tierStepsSchema,
  /** Points for an online purchase that names none. */
  online: z.object({ pointsPer100Minor: z.int().min(0).max(10_000) }),
  members: membersRuleSchema,
  /** Signing keys that count no more. */
  'revoked-keys': revokedKeysSchema,
} as const;
/** A setting of {@link SETTING_SCHEMAS}, or the weather of one store: `weather:` and the store's id. */
export type SettingKey = keyof typeof SETTING_SCHEMAS | `${typeof WEATHER_SETTING_PREFIX}${string}`;

function schemaOf(key: string): z.ZodType | undefined {
  if (Object.hasOwn(SETTING_SCHEMAS, key))
    return SETTING_SCHEMAS[key as keyof typeof SETTING_SCHEMAS];
  if (!key.startsWith(WEATHER_SETTING_PREFIX)) return undefined;
  const storeId = storeIdSchema.safeParse(key.slice(WEATHER_SETTING_PREFIX.length));
  return storeId.success ? weatherSettingSchema : undefined;
}

/**
 * Writes one setting. Another rule for `members` changes at once which stores carry whom.
 * @returns what is wrong with the value, and nothing was written
 */
export async function writeSetting(
  tx: HqSession,
  key: SettingKey,
  value: unknown,
  nowMs: number,
): Promise<Result<void, string>> {
  const schema = schemaOf(key);
  if (schema === undefined) {
    return err(`key: there is no setting ${JSON.stringify(String(key).slice(0, 40))}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return err(z.prettifyError(parsed.error));
  await tx.query(
    `INSERT INTO settings AS s (key, body) VALUES ($1, $2)
     ON CONFLICT (key) DO UPDATE SET body = EXCLUDED.body WHERE s.body <> EXCLUDED.body`,
    [key, canonicalJson(parsed.data)],
  );
  if (key === 'members') await carryByRule(tx, parsed.data as MembersRule, nowMs);
  return ok(undefined);
}

async function carryByRule(tx: HqSession, rule: MembersRule, nowMs: number): Promise<void> {
  const homes = await tx.query<{ home: string }>(
    'SELECT DISTINCT home_store_id AS home FROM members WHERE home_store_id IS NOT NULL',
  );
  const rows = homes.flatMap(({ home }) =>
    carriersOf(rule, home).map((carrier) => ({ home, ...carrier })),
  );
  const map = [
    rows.map(({ home }) => home),
    rows.map(({ storeId }) => storeId),
    rows.map(({ reason }) => reason),
  ];
  await tx.query(
    `DELETE FROM member_scopes AS s USING members AS m
     WHERE m.member_id = s.member_id AND s.reason IN ('home', 'region')
       AND (m.home_store_id, s.store_id) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    map.slice(0, 2),
  );
  await tx.query(
    `INSERT INTO member_scopes AS s (member_id, store_id, reason, since_ms)
     SELECT m.member_id, n.store_id, n.reason, $4::bigint
     FROM unnest($1::text[], $2::text[], $3::text[]) AS n (home, store_id, reason)
     JOIN members AS m ON m.home_store_id = n.home ORDER BY m.member_id
     ON CONFLICT (member_id, store_id) DO UPDATE SET reason = EXCLUDED.reason
     WHERE s.reason <> EXCLUDED.reason`,
    [...map, nowMs],
  );
}
