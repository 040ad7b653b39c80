import { err } from '../../../agent/contract/result.ts';
import type { HqCall } from '../../protocol/hq-api.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import { createPublishedRules } from '../accuracy/published-rules.ts';
import type { HqDeps, HqHandler, HqHandlers } from '../deps.ts';
import { createFindMember } from './find-member.ts';
import { illFormedPlaces } from './ill-formed-text.ts';
import { createUpload } from './intake/upload.ts';
import { createListBookings } from './list-bookings.ts';
import { createNoteBackup } from './note-backup.ts';
import { createBookPurchase } from './online/book-purchase.ts';
import { createBookReturn } from './online/book-return.ts';
import { createChangePoints } from './online/change-points.ts';
import { createReadLotTerms } from './online/lot-terms.ts';
import { createReconcile } from './reconcile.ts';
import { createReserve } from './reserve.ts';
import { createClaimReturn, createReleaseReturn } from './returns/claim-return.ts';
import { createFindSale } from './returns/find-sale.ts';
import { createKeptGoods } from './returns/kept-goods.ts';
import { createSearchMembers } from './search-members.ts';

export type BookHandlers = Pick<
  HqHandlers,
  | 'upload'
  | 'reserve'
  | 'reconcile'
  | 'findMember'
  | 'findSale'
  | 'claimReturn'
  | 'releaseReturn'
  | 'keptGoods'
  | 'bookPurchase'
  | 'bookReturn'
  | 'changePoints'
  | 'listBookings'
  | 'searchMembers'
  | 'noteBackup'
>;

/** HQ's books: what tills and the web shop book, reserve and ask. Nothing is held in memory between calls. */
export function createBookHandlers(deps: HqDeps): BookHandlers {
  const readLotTerms = createReadLotTerms();
  const rules = createPublishedRules();
  return {
    // An upload takes such text as well as it can: refused, it would hold up everything behind it.
    upload: createUpload(deps, rules),
    reserve: storable(createReserve(deps)),
    reconcile: storable(createReconcile(deps)),
    findMember: storable(createFindMember(deps)),
    findSale: storable(createFindSale(deps, rules)),
    claimReturn: storable(createClaimReturn(deps)),
    releaseReturn: storable(createReleaseReturn(deps)),
    keptGoods: storable(createKeptGoods(deps, rules)),
    bookPurchase: storable(createBookPurchase(deps, readLotTerms)),
    bookReturn: storable(createBookReturn(deps)),
    changePoints: storable(createChangePoints(deps, readLotTerms)),
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
