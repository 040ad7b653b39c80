import { memberSchema } from '../../contract/index.ts';
import { createMemberRows, type MemberRow } from '../repositories/member-rows.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { FedTable } from './fed-table.ts';
import { rangeOf } from './range-of.ts';
import { readBody } from './read-body.ts';

/** Members of the feed, with their cards. */
export function createFedMembers(connection: Connection): FedTable<MemberRow> {
  const rows = createMemberRows(connection);
  return {
    find: (key) => rows.find(key),
    put(key, ver, body, found) {
      const member = readBody(body, memberSchema);
      if (!member.ok) return member.error;
      if (member.value.memberId !== key) return 'memberId: is not the key';
      rows.write(found, member.value, body, ver);
      return undefined;
    },
    remove: (_key, found) => rows.remove(found),
    range: rangeOf(connection, 'members', 'member_id'),
  };
}
