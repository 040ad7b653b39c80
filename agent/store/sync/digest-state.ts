import type { RowPlace } from '../../../sync/client/ports.ts';
import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

/**
 * How far the digests are. `off`: no key is known. `clear`: those of another key go. `make`: rows get theirs, and each change
 * is kept up with. `made`: every row has its own.
 */
export type DigestStage = 'off' | 'clear' | 'make' | 'made';

/** The one row that says under which key digests are kept, and how far they are. */
export interface DigestState {
  /** 64 hex digits; `null` = headquarters never told one. */
  key(): string | null;
  stage(): DigestStage;
  /** Where making goes on. */
  place(): RowPlace;
  set(stage: DigestStage, place?: RowPlace): void;
  setKey(key: string, stage: DigestStage): void;
}

interface Row {
  readonly digest_key: string | null;
  readonly stage: DigestStage;
  readonly tbl: string;
  readonly after: string;
}

export function createDigestState(connection: Connection): DigestState {
  const read = connection.statement<Row>('SELECT digest_key, stage, tbl, after FROM digest_state');
  const set = connection.statement('UPDATE digest_state SET stage = ?, tbl = ?, after = ?');
  const setKey = connection.statement(
    `UPDATE digest_state SET digest_key = ?, stage = ?, tbl = '', after = ''`,
  );
  function row(): Row {
    const found = read.get();
    assert(found !== undefined, 'the state of the digests has its row');
    return found;
  }
  return {
    key: () => row().digest_key,
    stage: () => row().stage,
    place() {
      const { tbl, after } = row();
      return { table: tbl, key: after };
    },
    set: (stage, place = { table: '', key: '' }) => void set.run(stage, place.table, place.key),
    setKey: (key, stage) => void setKey.run(key, stage),
  };
}
