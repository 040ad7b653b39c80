import { assert } from '../../../agent/contract/result.ts';

/** Characters of a key that the feed carries, at most. */
export const FEED_KEY_MAX_CHARS = 128;

/** Whether tills would take a row under this key: not too long, and no line break or other control character. */
export function isFeedKey(key: string): boolean {
  return key.length >= 1 && key.length <= FEED_KEY_MAX_CHARS && !/\p{Cc}/u.test(key);
}

/** The last place before the database: one such row in the feed would stop every till of its scope. */
export function assertFeedKeys(field: string, keys: readonly string[]): void {
  const wrong = keys.find((key) => !isFeedKey(key));
  assert(
    wrong === undefined,
    `${field} has 1 to ${FEED_KEY_MAX_CHARS} characters and no line break: ${JSON.stringify(wrong?.slice(0, 40))}`,
  );
}
