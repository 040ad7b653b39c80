import { describe, expect, test } from 'vitest';
import { EVENTS_KEPT, type EventBody, eventBodySchema } from '../../../../agent/contract/index.ts';
import { openTestStore, TEST_NOW_MS } from '../../../support/store.ts';

const started: EventBody = { kind: 'till', what: 'started' };

function sighting(codeClass: string, text: string): EventBody {
  return eventBodySchema.parse({ kind: 'sighting', deviceId: 'scanner-1', codeClass, text });
}

describe('events', () => {
  test('are numbered from 1 without gaps, also where transactions failed between them and after a restart', () => {
    const till = openTestStore();
    expect([till.store.events.head(), till.store.events.oldest()]).toEqual([0, 1]);
    till.store.events.append(TEST_NOW_MS, started);
    const failing = () =>
      till.store.transaction(() => {
        till.store.events.append(TEST_NOW_MS, started);
        throw new Error('broken off');
      });
    expect(failing).toThrow();
    const second = till.reopen().events.append(TEST_NOW_MS + 1, started);
    expect(second).toEqual({ seq: 2, at: '2026-11-21T08:30:00.001Z', body: started });
    expect(till.store.events.after(0, 10).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(till.store.events.after(1, 10)).toEqual([second]);
    expect(till.store.events.after(0, 1)).toHaveLength(1);
    expect(till.store.events.after(2, 10)).toEqual([]);
  });

  test('never hold the text of a payment code, whoever asks to keep it', () => {
    const till = openTestStore();
    const kept = till.store.events.append(TEST_NOW_MS, sighting('payment', '134512345678901234'));
    expect(kept.body).toEqual({
      kind: 'sighting',
      deviceId: 'scanner-1',
      codeClass: 'payment',
      redacted: true,
    });
    expect(till.store.events.after(0, 1)).toEqual([kept]);
    till.withSql((db) =>
      expect(JSON.stringify(db.prepare('SELECT * FROM events').all())).not.toContain('134512'),
    );
    expect(till.store.events.append(TEST_NOW_MS, sighting('member', '62001')).body).toMatchObject({
      text: '62001',
    });
  });

  test('are pruned to the newest ones and count on from there', () => {
    const { events } = openTestStore().store;
    for (let n = 1; n <= 5; n++) events.append(n, started);
    expect(events.pruneTo(5)).toBe(0);
    expect(events.pruneTo(2)).toBe(3);
    expect([events.oldest(), events.head()]).toEqual([4, 5]);
    expect(events.append(6, started).seq).toBe(6);
    expect(events.pruneTo(1)).toBe(2);
    expect([events.oldest(), events.append(7, started).seq]).toEqual([6, 7]);
    expect(() => events.pruneTo(0)).toThrow('at least one');
  });

  test('at the limit keep exactly EVENTS_KEPT', () => {
    const till = openTestStore();
    till.withSql((db) =>
      db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${EVENTS_KEPT + 1})
        INSERT INTO events SELECT i, 0, '{"kind":"till","what":"started"}' FROM n`),
    );
    expect(till.store.events.pruneTo(EVENTS_KEPT)).toBe(1);
    expect([till.store.events.oldest(), till.store.events.head()]).toEqual([2, EVENTS_KEPT + 1]);
    expect(till.store.events.pruneTo(EVENTS_KEPT)).toBe(0);
  });
});
