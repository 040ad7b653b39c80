import type { Cursor } from '../../sync/protocol/feed.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';

/** What a process of tills is told at its start. */
export interface TillsWanted {
  readonly tills: readonly { readonly ticket: RegistrationTicket; readonly storeId: string }[];
  /** Where the feed stands: nothing before it is needed. */
  readonly head: Cursor;
  readonly floorUrl: string;
}

/** Which of the two ways a change took. */
export type Side = 'ours' | 'floor';

/** What it tells: that all tills are connected, and the instants (see {@link nowUs}) at which a change was durable. */
export type TillsReport =
  | { readonly t: 'ready' }
  | {
      readonly t: 'durable';
      readonly side: Side;
      readonly key: string;
      readonly atUs: readonly number[];
    };

/** Microseconds on the machine's monotonic clock, which all processes share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
