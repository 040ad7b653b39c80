/** A guard of sync that is taken out: `was` stands exactly once in its file. */
export interface Guard {
  readonly guard: string;
  readonly file: string;
  readonly was: string;
  readonly is: string;
  /** The simulated chain whose seed shows it. */
  readonly seed: number;
  readonly seeds: number;
}

export const GUARDS: readonly Guard[] = [
  {
    guard: 'sequencer: a batch is numbered from the head of the whole feed',
    file: 'sync/hq/feed/sequence-batch.ts',
    was: '(SELECT pos FROM feed_head) + row_number() OVER (ORDER BY',
    is: '(SELECT pos - pos % 3 FROM feed_head) + row_number() OVER (ORDER BY',
    seed: 1,
    seeds: 10,
  },
  {
    guard: 'version test: a row counts only above the version that the till has',
    file: 'agent/store/sync/apply-rows.ts',
    was: 'if (ver > known) return true;',
    is: 'if (ver !== known) return true;',
    seed: 14,
    seeds: 1,
  },
  {
    guard: 'page chain: a page begins where the till is',
    file: 'sync/client/check-page.ts',
    was: 'if (from.pos !== cursor.pos || from.chain !== cursor.chain) {',
    is: 'if (from.pos > cursor.pos) {',
    seed: 2,
    seeds: 1,
  },
  {
    guard: 'fence: a disk that was put back shows an old proof',
    file: 'sync/hq/tills/open-session.ts',
    was: 'if (!proofFits(till.proof, request, timeline)) {',
    is: 'if (till.proof === undefined) {',
    seed: 12,
    seeds: 1,
  },
  {
    guard: 'receipt rule: only what a receipt names was received',
    file: 'agent/store/sync/receipts.ts',
    was: 'state.setReceived({ seq, outboxNo, backedUpSeq });\n        return ok(undefined);',
    is: 'state.setReceived({ seq, outboxNo: lastNo.get()?.no ?? outboxNo, backedUpSeq });\n        return ok(undefined);',
    seed: 11,
    seeds: 60,
  },
  {
    guard: 'tombstone rule: a row that is gone at headquarters goes',
    file: 'agent/store/sync/apply-rows.ts',
    was: 'if (found !== undefined) fed.remove(key, found);',
    is: '',
    seed: 9,
    seeds: 1,
  },
  {
    guard: 'pointer-file swap: the pointer names the copy once all is in it',
    file: 'agent/store/snapshot/adopt-snapshot.ts',
    was: 'const filled = fill(join(dataDir, file), join(dataDir, pointer.value.file), options);\n    if (!filled.ok) return filled;',
    is: 'writePointer(dataDir, { ...pointer.value, file });\n    const filled = fill(join(dataDir, file), join(dataDir, pointer.value.file), options);\n    if (!filled.ok) return filled;',
    seed: 2,
    seeds: 1,
  },
  {
    guard: 'one commit: the place in the feed moves with the last rows of its page',
    file: 'sync/client/apply.ts',
    was: 'applySlice(slice, last ? cursor : undefined, cursor === undefined)',
    is: 'applySlice(slice, cursor, cursor === undefined)',
    seed: 9,
    seeds: 1,
  },
  {
    guard: 'root position: a root moves with the rows of its batch, by what they were before too',
    file: 'sync/hq/feed/sequence-batch.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source
    was: '(${wordSumSql(`d${i}`)} - ${wordSumSql(`was${i}`)})',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source
    is: '(${wordSumSql(`d${i}`)})',
    seed: 1,
    seeds: 10,
  },
  {
    guard: 'refill: what a restored headquarters forgot is sent again',
    file: 'sync/client/connection.ts',
    was: '    rewindTo(opened);\n',
    is: '',
    seed: 7,
    seeds: 1,
  },
];
