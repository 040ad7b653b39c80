import type { Applied } from '../../sync/client/ports.ts';
import type { BasketId, MemberId } from '../contract/index.ts';
import { followMerge } from '../domain/identify/follow-merge.ts';
import { memberStanding } from '../domain/identify/member-standing.ts';
import { boundIdentification, noteIdentification } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import type { Identifications, Known } from './identifications.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Emit } from './work.ts';

type What = 'member' | 'points';

export interface LiveUpdatesParts {
  readonly context: TillContext;
  readonly identifications: Identifications;
  readonly staff: StaffSessions;
  /** Whether the basket's hold stands: then its member keeps what was promised. */
  readonly isHeld: (basketId: string) => boolean;
}

/** See the methods of the same names of `Till`. */
export interface LiveUpdates {
  applied(changed: Applied['changed']): void;
  joined(joined: readonly Joined[]): void;
}

/** Who a provisional member turned out to be. */
interface Joined {
  readonly provisionalId: MemberId;
  readonly memberId: MemberId;
}

/**
 * Brings what headquarters changed to whoever is being served: readers hear of the members who are identified here, an
 * identification follows the merge of its account and what its membership says, and staff who were deactivated are
 * signed out. A basket that is held keeps its promise.
 */
export function createLiveUpdates(parts: LiveUpdatesParts): LiveUpdates {
  const { context, identifications, staff, isHeld } = parts;
  const { store } = context;

  /** What the identification is under the member's row as it stands; the same where that changes nothing. */
  function followed(known: Known): Known {
    const { memberId, outcome } = known;
    const standing = outcome === 'identified' || outcome === 'blocked' || outcome === 'expired';
    const row = memberId === null ? undefined : store.members.byId(memberId);
    const held = known.basketId !== null && isHeld(known.basketId);
    if (row === undefined || !standing || held) return known;
    const { member } = followMerge(row, (id) => store.members.byId(id));
    if (member === undefined) return known;
    const next = memberStanding(member, context.today());
    if (member.memberId === memberId && next === outcome) return known;
    const evidence = known.evidence.map((one) => ({ ...one, memberId: member.memberId }));
    return { ...known, memberId: member.memberId, outcome: next, evidence };
  }

  function tell(emit: Emit, known: Known, next: Known, what: ReadonlySet<What>): void {
    if (known.memberId === null || next.memberId === null) return;
    if (next !== known) {
      const identification = identifications.view(next);
      if (next.basketId !== null)
        noteIdentification(
          context,
          next.basketId,
          boundIdentification(identification, next.evidence),
          next.memberId,
        );
      emit({ kind: 'identification', identification });
    }
    emit({
      kind: 'member',
      memberId: next.memberId,
      changed: [...what],
      ...inBasket(next.basketId),
    });
  }

  function updateServed(changes: ReadonlyMap<string, ReadonlySet<What>>): void {
    const concerned = identifications.live().flatMap((known) => {
      const what = known.memberId === null ? undefined : changes.get(known.memberId);
      return what === undefined ? [] : [{ known, next: followed(known), what }];
    });
    if (concerned.length === 0) return;
    const told = context.work((emit) => {
      for (const { known, next, what } of concerned) tell(emit, known, next, what);
    });
    if (!told.ok)
      return context.deps.log('error', 'a change of a member could not be reported', {
        code: told.error.code,
      });
    for (const { known, next } of concerned) if (next !== known) identifications.put(next);
  }

  /** The account made here becomes one that was merged, so that everything about it leads to the member whom HQ knows. */
  async function merge({ provisionalId, memberId }: Joined): Promise<void> {
    if (provisionalId === memberId) return;
    if (store.members.byId(memberId) === undefined)
      await context.deps.headquarters.lookup.find({ by: 'member', value: memberId });
    // Still unknown here: their row comes down the feed, and the provisional one with it.
    if (store.members.byId(memberId) === undefined) return;
    const merged = context.work(() => {
      const provisional = store.members.byId(provisionalId);
      // What headquarters says of it may have come meanwhile, and its word counts.
      if (provisional === undefined || provisional.status === 'merged') return false;
      store.members.upsert([{ ...provisional, status: 'merged', mergedInto: memberId }]);
      return true;
    });
    if (merged.ok && merged.value)
      updateServed(new Map([[provisionalId, new Set<What>(['member'])]]));
  }

  return {
    applied(changed) {
      const members = new Map<string, Set<What>>();
      for (const { table, key } of changed) {
        if (table !== 'member' && table !== 'points') continue;
        const what = members.get(key) ?? new Set<What>();
        members.set(key, what.add(table));
      }
      if (members.size > 0) updateServed(members);
      if (changed.some(({ table }) => table === 'staff')) staff.endInactive();
    },
    joined(joined) {
      for (const one of joined)
        merge(one).catch((error: unknown) =>
          context.deps.log('error', 'a joined member could not be brought together', {
            error: error instanceof Error ? error.name : typeof error,
          }),
        );
    },
  };
}

function inBasket(basketId: BasketId | null): { basketId?: BasketId } {
  return basketId === null ? {} : { basketId };
}
