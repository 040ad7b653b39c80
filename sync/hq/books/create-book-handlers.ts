import { err } from '../../../agent/contract/result.ts';
import type { HqCall } from '../../protocol/hq-api.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps, HqHandler, HqHandlers } from '../deps.ts';
import { createFindMember } from './find-member.ts';
import { illFormedPlaces } from './ill-formed-text.ts';
import { createUpload } from './intake/upload.ts';
import { createListBookings } from './list-bookings.ts';
import { createNoteBackup } from './note-backup.ts';
import { createBookPurchase } from './online/book-purchase.ts';
import { createBookReturn } from './online/book-return.ts';
import { createChangePoints } from './online/change-points.ts';
import { createLotValidDays } from './online/lot-valid-days.ts';
import { createReconcile } from './reconcile.ts';
import { createReserve } from './reserve.ts';
import { createSearchMembers } from './search-members.ts';

export type BookHandlers = Pick<
  HqHandlers,
  | 'upload'
  | 'reserve'
  | 'reconcile'
  | 'findMember'
  | 'bookPurchase'
  | 'bookReturn'
  | 'changePoints'
  | 'listBookings'
  | 'searchMembers'
  | 'noteBackup'
>;

/** HQ's books: what tills and the web shop book, reserve and ask. Nothing is held in memory between calls. */
export function createBookHandlers(deps: HqDeps): BookHandlers {
  const lotValidDays = createLotValidDays();
  return {
    // An upload takes such text as well as it can: refused, it would hold up everything behind it.
    upload: createUpload(deps),
    reserve: storable(createReserve(deps)),
    reconcile: storable(createReconcile(deps)),
    findMember: storable(createFindMember(deps)),
    bookPurchase: storable(createBookPurchase(deps, lotValidDays)),
    bookReturn: storable(createBookReturn(deps)),
    changePoints: storable(createChangePoints(deps, lotValidDays)),
    listBookings: createListBookings(deps),
    searchMembers: storable(createSearchMembers(deps)),
    noteBackup: createNoteBackup(deps),
  };
}

/** Refuses text that the database cannot keep, by its field. */
function storable<Call extends HqCall>(handler: HqHandler<Call>): HqHandler<Call> {
  return async (caller, input, key) => {
    const [field] = illFormedPlaces(input);
    return field === undefined
      ? handler(caller, input, key)
      : err(hqFailure('invalid-input', field));
  };
}
