import type { Invariant } from '../../../agent/main/simulate/invariants.ts';
import type { FaultName } from '../../../agent/main/simulate/nemesis.ts';

/** Stores of every chain that guards are hunted in. */
export const STORES = 2;
/** Seeds that are tried from the first one on, until one shows that the guard is missing. */
export const SEEDS_MAX = 12;

/** A guard of sync that is taken out: `was` stands exactly once in its file. */
export interface Guard {
  readonly guard: string;
  readonly file: string;
  readonly was: string;
  readonly is: string;
  /** What is violated without it: one of these. */
  readonly shows: readonly Invariant[];
  /** Faults that there are, and the chain that they befall. */
  readonly faults: readonly FaultName[];
  readonly seed: number;
  readonly tills: number;
  readonly hours: number;
  readonly sales: number;
}

/** Five bursts with two sales each. */
const SMALL = { tills: 3, hours: 24, sales: 10 };

export const GUARDS: readonly Guard[] = [
  {
    guard: 'sequencer: a batch is numbered from the head of the whole feed',
    file: 'sync/hq/feed/sequence-batch.ts',
    was: '(SELECT pos FROM feed_head) + row_number() OVER (ORDER BY',
    is: '(SELECT pos - pos % 3 FROM feed_head) + row_number() OVER (ORDER BY',
    shows: ['I3', 'I4', 'I5'],
    faults: [],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'version test: a row counts only above the version that the till has',
    file: 'agent/store/sync/apply-rows.ts',
    was: 'if (ver > known) return true;',
    is: 'if (ver !== known) return true;',
    shows: ['I3', 'I4'],
    faults: ['proxy'],
    seed: 26,
    tills: 3,
    hours: 24,
    sales: 40,
  },
  {
    guard: 'page chain: a page begins where the till is',
    file: 'sync/client/check-page.ts',
    was: 'if (from.pos !== cursor.pos || from.chain !== cursor.chain) {',
    is: 'if (from.pos > cursor.pos) {',
    shows: ['I5', 'I3'],
    faults: ['proxy'],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'fence: a disk that was put back shows an old proof',
    file: 'sync/hq/tills/open-session.ts',
    was: 'if (!proofFits(till.proof, request)) {',
    is: 'if (till.proof === undefined) {',
    shows: ['I5', 'I1'],
    faults: ['till-put-back'],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'receipt rule: only what a receipt names was received',
    file: 'agent/store/sync/receipts.ts',
    was: 'state.setReceived({ seq, outboxNo, backedUpSeq });\n        return ok(undefined);',
    is: 'state.setReceived({ seq, outboxNo: lastNo.get()?.no ?? outboxNo, backedUpSeq });\n        return ok(undefined);',
    shows: ['I1'],
    faults: ['noise'],
    seed: 13,
    ...SMALL,
  },
  {
    guard: 'tombstone rule: a row that is gone at headquarters goes',
    file: 'agent/store/sync/apply-rows.ts',
    was: 'if (found !== undefined) fed.remove(key, found);',
    is: '',
    shows: ['I3', 'I4'],
    faults: [],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'pointer-file swap: the pointer names the copy once all is in it',
    file: 'agent/store/snapshot/adopt-snapshot.ts',
    was: 'const filled = fill(join(dataDir, file), join(dataDir, pointer.value.file), options);\n    if (!filled.ok) return filled;',
    is: 'writePointer(dataDir, { ...pointer.value, file });\n    const filled = fill(join(dataDir, file), join(dataDir, pointer.value.file), options);\n    if (!filled.ok) return filled;',
    shows: ['broken', 'I1'],
    faults: [],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'one commit: the place in the feed moves with the last rows of its page',
    file: 'sync/client/apply.ts',
    was: 'applySlice(slice, last ? cursor : undefined, cursor === undefined)',
    is: 'applySlice(slice, cursor, cursor === undefined)',
    shows: ['I3', 'I4'],
    faults: [],
    seed: 11,
    ...SMALL,
  },
  {
    guard: 'root position: a root moves with the rows of its batch, by what they were before too',
    file: 'sync/hq/feed/sequence-batch.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source
    was: '(${wordSumSql(`d${i}`)} - ${wordSumSql(`was${i}`)})',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source
    is: '(${wordSumSql(`d${i}`)})',
    shows: ['I4'],
    faults: [],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'refill: what a restored headquarters forgot is sent again',
    file: 'sync/client/connection.ts',
    was: '    rewindTo(opened);\n',
    is: '',
    shows: ['I1', 'I4', 'liveness'],
    faults: ['hq-restored'],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'journal: what is cut off behind its flush comes back',
    file: 'agent/store/ledger-journal/recover-journal.ts',
    was: 'const back = putBack(connection, entries, {',
    is: 'const back = putBack(connection, [], {',
    shows: ['I1'],
    faults: ['log-cut'],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'lost rows: what the feed lost at headquarters is published again',
    file: 'sync/hq/checks/digest-step.ts',
    was: 'await publishLost(tx, table, mostRows);',
    is: '{ found: 0, published: 0, last: null };',
    shows: ['I4', 'liveness'],
    faults: ['hq-rows-damaged'],
    seed: 1,
    ...SMALL,
  },
  {
    guard: 'damaged rows: what the feed says wrong at headquarters is published again',
    file: 'sync/hq/checks/digest-step.ts',
    was: 'if (await publishAnew(tx, row)) publishedRows += 1;',
    is: '',
    shows: ['I4', 'liveness'],
    faults: ['hq-rows-damaged'],
    seed: 1,
    ...SMALL,
  },
];
