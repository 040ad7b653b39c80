import { describe, expect, test } from 'vitest';
import type { JournalOf } from '../../../../agent/store/salvage/settle-salvaged.ts';
import { journalIn } from '../../../support/journal.ts';
import { losing, sold, waiting } from '../../../support/lost-rows.ts';

describe('rows of the outbox that are lost', () => {
  test('are made again so that entries stay in the order of their numbers', () => {
    const till = sold('ssaasssss');
    const settled = losing(till, 'DELETE FROM outbox WHERE no IN (3, 4, 7)');
    expect(settled.headProved).toBe(true);
    till.reopen();
    expect(waiting(till)).toEqual([1, 2, 'audit', 'audit', 3, 4, 5, 6, 7]);
  });

  test('with entries that the journal has are told as lost only where they were no entry', () => {
    const till = sold('ssasss');
    const { entries } = journalIn(till);
    const journal: JournalOf = (isWanted) => entries.filter(({ ledger }) => isWanted(ledger.seq));
    const settled = losing(till, 'DELETE FROM outbox; DELETE FROM ledger WHERE seq = 5', {
      journal,
    });
    expect(settled).toMatchObject({ lost: [], fromJournal: { entries: [5] } });
    till.reopen();
    expect(waiting(till)).toEqual([1, 2, 3, 4, 'audit', 5]);
  });

  test('end under a fresh incarnation where an entry finds no place between its neighbours', () => {
    const till = sold('sss');
    const settled = losing(
      till,
      'DELETE FROM outbox WHERE no = 2; UPDATE outbox SET no = 2 WHERE no = 3',
    );
    expect(settled.headProved).toBe(false);
  });

  test('of entries that were received are made again, so that a headquarters that was restored gets them', () => {
    const till = sold('ssssss');
    losing(
      till,
      'UPDATE sync_state SET received_no = 5, received_seq = 5; DELETE FROM outbox WHERE no IN (1, 3, 4)',
    );
    const { sync } = till.reopen();
    sync.sendAgain(2, 2);
    expect(waiting(till)).toEqual([3, 4, 5, 6]);
    sync.sendAgain(0, 0);
    expect(waiting(till)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a received entry that is lost', () => {
  const lost = () => {
    const till = sold('ssss');
    losing(
      till,
      'UPDATE sync_state SET received_no = 4, received_seq = 4; DELETE FROM ledger WHERE seq = 2',
    );
    till.reopen();
    return till;
  };

  test('is told in its place when all goes up again, and breaks nothing', () => {
    const till = lost();
    till.store.sync.sendAgain(1, 1);
    expect(waiting(till)).toEqual(['audit', 3, 4]);
  });

  test('makes the till go on under a fresh incarnation once headquarters is behind it', () => {
    const till = lost();
    const head = (seq: number) => ({
      seq,
      hash: till.store.ledger.bySeq(seq)?.hash ?? '',
      outboxNo: seq,
    });
    expect(till.store.sync.isHeadKnown(head(4))).toBe(true);
    expect(till.store.sync.isHeadKnown(head(1))).toBe(false);
    const begins = head(4);
    till.store.wantIncarnation();
    till.reopen();
    expect(till.store.sync.isHeadKnown(begins)).toBe(true);
  });
});
