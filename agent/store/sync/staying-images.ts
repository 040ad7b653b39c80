import type { Connection } from '../sqlite/connection.ts';

/** The images that are kept of rows that differ again after their repair, as far as changes to these rows end them. */
export interface StayingImages {
  any(): boolean;
  remove(table: string, key: string): void;
}

export function createStayingImages(connection: Connection): StayingImages {
  const any = connection.statement('SELECT 1 FROM drift_stays LIMIT 1');
  const remove = connection.statement('DELETE FROM drift_stays WHERE tbl = ? AND key = ?');
  return {
    any: () => any.get() !== undefined,
    remove: (table, key) => void remove.run(table, key),
  };
}
