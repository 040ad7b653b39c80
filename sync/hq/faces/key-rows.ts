import type { KeyObject } from 'node:crypto';
import { assert } from '../../../agent/contract/result.ts';
import type { HqSession } from '../database/database.ts';
import { publicKeyOf } from '../tills/public-key.ts';

/** The key that a till registered with: Ed25519. */
export async function tillKeyOf(tx: HqSession, tillId: string): Promise<KeyObject> {
  const [row] = await tx.query<{ public_key: string | null }>(
    'SELECT public_key FROM tills WHERE till_id = $1',
    [tillId],
  );
  const key = row?.public_key == null ? undefined : publicKeyOf(row.public_key);
  assert(key !== undefined, 'a till with a session has registered a key');
  return key;
}

/** SQL: whether a store is given a template at this moment. */
export function isFedSql(template: string, store: string): string {
  return `EXISTS (SELECT 1 FROM face_fed f
    WHERE f.template_id = ${template} AND f.store_id = ${store} AND f.left_at_ms IS NULL)`;
}
