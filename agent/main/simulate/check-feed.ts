import type { HqDatabase } from '../../../sync/hq/database/database.ts';
import type { FeedHistory } from './history.ts';
import type { Violation } from './invariants.ts';

/** I4: the feed at headquarters is what it told last of each row; a removal that is long ago may be forgotten. */
export async function checkFeed(db: HqDatabase, history: FeedHistory): Promise<Violation[]> {
  const rows = await db.query<{ place: string; ver: number; body: string | null }>(
    `SELECT scope || E'\\n' || tbl || E'\\n' || key AS place, ver, body FROM published`,
  );
  const held = new Map(rows.map((row) => [row.place, row]));
  const told = history.newest();
  return [...new Set([...held.keys(), ...told.keys()])].flatMap((place) => {
    const [has, right] = [held.get(place), told.get(place)];
    const fits =
      has === undefined ? right?.body === null : has.ver === right?.ver && has.body === right.body;
    if (fits) return [];
    const what = `${place.replaceAll('\n', ' ')} is ${has?.ver ?? 'lost'}, told was ${right?.ver}`;
    return [{ invariant: 'I4' as const, detail: `the feed at headquarters: ${what}` }];
  });
}
