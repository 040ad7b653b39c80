import type { ChecksStore } from '../../../sync/client/check-ports.ts';
import { type CheckRecord, RECORDS_KEPT } from '../../../sync/protocol/check.ts';
import type { Connection } from '../sqlite/connection.ts';

interface Row {
  readonly body: string;
}

/** Records of checks that ended, and whether headquarters heard of them. */
export function createCheckRecords(
  connection: Connection,
): Pick<ChecksStore, 'record' | 'records' | 'untold' | 'told'> {
  const insert = connection.statement('INSERT INTO checks (body) VALUES (?)');
  const prune = connection.statement(
    'DELETE FROM checks WHERE no <= (SELECT max(no) FROM checks) - ?',
  );
  const newest = connection.statement<Row>('SELECT body FROM checks ORDER BY no DESC LIMIT ?');
  const untold = connection.statement<Row>(
    'SELECT body FROM checks WHERE told = 0 ORDER BY no LIMIT ?',
  );
  const tell = connection.statement(`
    UPDATE checks SET told = 1 WHERE no IN (SELECT no FROM checks WHERE told = 0 ORDER BY no LIMIT ?)`);
  const toRecord = ({ body }: Row): CheckRecord => JSON.parse(body) as CheckRecord;
  return {
    record: (record) =>
      connection.together(() => {
        insert.run(JSON.stringify(record));
        prune.run(RECORDS_KEPT);
      }),
    records: (limit) => newest.all(limit).map(toRecord),
    untold: (limit) => untold.all(limit).map(toRecord),
    told: (count) => void tell.run(count),
  };
}
