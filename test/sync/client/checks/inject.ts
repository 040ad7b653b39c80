import type { DriftKind } from '../../../../sync/protocol/check.ts';
import { type DriftTill, driftMember, memberKeyOf } from './drift-rig.ts';

/** Ways in which rows of members go wrong behind the till's back. */
export const FAULTS = ['missing', 'extra', 'stale', 'flipped', 'swapped', 'opposite'] as const;
export type Fault = (typeof FAULTS)[number];

/** What a walk calls them. */
const CALLED: Readonly<Record<Fault, DriftKind>> = {
  missing: 'missing',
  extra: 'extra',
  stale: 'stale',
  flipped: 'damaged',
  swapped: 'damaged',
  opposite: 'damaged',
};

/**
 * Breaks `count` rows among `members`, every kind in turn, the members evenly apart.
 * @returns what each broken row is to be called
 */
export function injectFaults(
  rig: DriftTill,
  { count, members, first = 0 }: { count: number; members: number; first?: number },
): Map<string, DriftKind> {
  const expected = new Map<string, DriftKind>();
  const step = Math.floor((members - first) / (count + 2));
  let at = first;
  const nextKey = (): string => {
    at += step;
    return memberKeyOf(at);
  };
  rig.sql((db) => {
    const remove = db.prepare('DELETE FROM members WHERE member_id = ?');
    const insert = db.prepare('INSERT INTO members (member_id, body, ver) VALUES (?, ?, 3)');
    const body = db.prepare('SELECT body FROM members WHERE member_id = ?').pluck();
    const write = db.prepare('UPDATE members SET body = ? WHERE member_id = ?');
    const age = db.prepare('UPDATE members SET body = ?, ver = 1 WHERE member_id = ?');
    const bodyOf = (key: string): string => body.get(key) as string;
    const called = (key: string, fault: Fault): void => void expected.set(key, CALLED[fault]);

    function one(fault: Fault): void {
      switch (fault) {
        case 'missing': {
          const key = nextKey();
          remove.run(key);
          return called(key, fault);
        }
        case 'extra': {
          const key = `${nextKey()}-x`;
          insert.run(
            key,
            JSON.stringify({ ...driftMember(at), memberId: key, cards: [], phone: undefined }),
          );
          return called(key, fault);
        }
        case 'stale': {
          const key = nextKey();
          age.run(bodyOf(key).replace('王', '旧'), key);
          return called(key, fault);
        }
        case 'flipped': {
          const key = nextKey();
          write.run(bodyOf(key).replace('standard', 'stqndard'), key);
          return called(key, fault);
        }
        case 'swapped': {
          const [a, b] = [nextKey(), nextKey()];
          const [bodyA, bodyB] = [bodyOf(a), bodyOf(b)];
          write.run(bodyB, a);
          write.run(bodyA, b);
          called(a, fault);
          return called(b, fault);
        }
        case 'opposite': {
          // One more here, one less there.
          for (const digit of ['0', '2']) {
            const key = nextKey();
            write.run(bodyOf(key).replace('"6', `"${digit}6`), key);
            called(key, fault);
          }
        }
      }
    }

    db.transaction(() => {
      for (let n = 0; expected.size < count; n++) {
        const fault = FAULTS[n % FAULTS.length] as Fault;
        // The last one of an odd number has no partner.
        one(expected.size === count - 1 ? 'flipped' : fault);
      }
    })();
  });
  return expected;
}
