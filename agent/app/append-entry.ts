import type { Result } from '../contract/index.ts';
import {
  type EntryException,
  type EntryFactsWritten,
  type EntryHeader,
  type EntryId,
  type MemberId,
  toInstant,
} from '../contract/index.ts';
import { linkEntry } from '../domain/ledger/chain.ts';
import { SALT_BYTES } from '../domain/ledger/ledger-crypto.ts';
import { type OpenBodyError, openBody, sealBody } from '../domain/ledger/sealed-body.ts';
import type { LedgerRow } from '../store/store.ts';
import type { TillContext } from './context.ts';

/** Figures of an entry that moves nothing. */
export const NO_FIGURES = {
  listMinor: 0,
  discountMinor: 0,
  payableMinor: 0,
  pointsEarned: 0,
  pointsSpent: 0,
} as const;

/** An entry before it has its place in the chain. */
export interface EntryToAppend
  extends Pick<
    EntryHeader,
    | 'kind'
    | 'staffId'
    | 'saleId'
    | 'returnId'
    | 'ruleSetVersion'
    | 'policyVersion'
    | 'listMinor'
    | 'discountMinor'
    | 'payableMinor'
    | 'pointsEarned'
    | 'pointsSpent'
  > {
  readonly exception: Exclude<EntryException, 'clock-set-back'> | null;
  /** Whose key seals the body. */
  readonly subject: MemberId | 'guest';
  /** What the entry rests on; read only by those who have the key. */
  readonly body: unknown;
  /** What it means for the chain's books; goes up beside the sealed body. */
  readonly facts: EntryFactsWritten;
}

/** An entry that was chained and queued for headquarters. */
export interface Appended {
  readonly header: EntryHeader;
  readonly hash: string;
  readonly atMs: number;
}

/**
 * Chains an entry to the ledger with its sealed body and its outbox row; call inside the transaction of what it
 * records. A clock set back is noted where no graver exception is.
 */
export function appendEntry(
  context: TillContext,
  { subject, body, facts, ...header }: EntryToAppend,
): Appended {
  const { store, deps, clock } = context;
  const { keyId, key } = store.keys.forSubject(subject);
  const entryId = context.newId() as EntryId;
  const { sealed, commitment } = sealBody(deps.crypto, {
    body,
    entryId,
    key,
    salt: deps.random(SALT_BYTES),
  });
  const atMs = context.nowMs();
  const linked = linkEntry(
    deps.crypto.hash,
    {
      v: 1,
      entryId,
      tillId: deps.place.tillId,
      incarnation: store.incarnation,
      storeId: deps.place.store.storeId,
      at: toInstant(atMs),
      businessDay: context.businessDay(),
      currency: deps.place.store.currency,
      ...header,
      exception: exceptionOf(header.exception, clock.trusted()),
      keyId,
      commitment,
    },
    store.ledger.head(),
  );
  store.ledger.append({ ...linked, sealed });
  store.outbox.append({ kind: 'entry', seq: linked.header.seq, atMs, facts });
  clock.remember();
  return { ...linked, atMs };
}

/** The weightier one: what was paid stands in the body as well, what the clock did stands nowhere else. */
function exceptionOf(
  stated: EntryToAppend['exception'],
  clockTrusted: boolean,
): EntryException | null {
  if (clockTrusted) return stated;
  return stated === null || stated === 'payment-differs' ? 'clock-set-back' : stated;
}

/** The body of an entry, unless its subject's key was erased. */
export function openEntry(context: TillContext, row: LedgerRow): Result<unknown, OpenBodyError> {
  return openBody(context.deps.crypto, row, context.store.keys.byId(row.header.keyId)?.key);
}
