import type { EntryReply } from '../contract/index.ts';
import type { Emit } from './work.ts';

/** Something that is checked and ready to be booked, alone or in one transaction with others. */
export interface Booking {
  /** Writes all of it; call inside a transaction, once, with nothing waited for since it was made ready. */
  write(emit: Emit): EntryReply;
  /** What lies in memory follows the disk; call once the transaction is on it. */
  after(reply: EntryReply): void;
}
