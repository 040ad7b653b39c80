import { text, toInstant } from '../../contract/index.ts';
import { JOURNAL_SET_ASIDE } from '../../store/ledger-journal/journal-files.ts';
import type { DatabaseFacts } from '../database-facts.ts';
import { type Check, finding } from './check.ts';

/**
 * A damaged database that was set aside holds members whom an erasure does not reach, so it is to be destroyed after so many
 * days. By then headquarters has had the ledger, and has proved it.
 */
export const DAMAGED_KEPT_DAYS = 90;

/** What the second copy of the unsent entries is worth. */
const JOURNAL_WORDS = {
  whole: 'all that headquarters has not backed up is in it',
  failing: 'it could not be written; the database alone has the latest entries',
  behind: 'it is being caught up',
  part: 'it is full; older entries lie in the database alone',
  held: 'another program keeps its files, and the database alone has the latest entries; it is tried again every minute',
} as const satisfies Record<DatabaseFacts['journal']['state'], string>;

/** What `till doctor` and `till sync status` say of a till's database. */
export function checksOfDatabase({
  integrity,
  salvage,
  lost,
  missing,
  postponed,
  setAside,
  journal,
  journalTrouble,
}: DatabaseFacts): Check[] {
  // Once support has what was set aside and it is gone, nothing is left to be done.
  const isAside = setAside.some(({ file }) => JOURNAL_SET_ASIDE.test(file));
  const trouble = isAside ? journalTrouble : null;
  return [
    ...(postponed === null
      ? []
      : [
          finding(
            'salvage-postponed',
            false,
            `damage was noted and is not salvaged yet: ${postponed}`,
            text(
              '清理磁盘后重新启动收银台，它会自行抢救',
              'Free disk space and start the till again, which salvages it by itself',
            ),
          ),
        ]),
    ...(setAside.length === 0
      ? []
      : [
          finding(
            'damaged-files',
            setAside.every(({ days }) => days <= DAMAGED_KEPT_DAYS),
            `set aside, at most for ${DAMAGED_KEPT_DAYS} days, and holding members that were erased since: ${setAside
              .map(({ file, days }) => `${file} (${days} days)`)
              .join(', ')}`,
            text(
              '总部已核对账目后，把这些文件连同其 -wal 文件彻底删除；会员要求删除的资料仍在其中',
              "Once headquarters has proved the ledger, destroy these files with their -wal beside; an erased member's data is still in them",
            ),
          ),
        ]),
    finding(
      'integrity',
      integrity?.ok !== false,
      integrity === null
        ? 'not read whole yet; that happens daily while the till runs'
        : `${integrity.tables} tables read at ${toInstant(integrity.atMs)}: ${integrity.faults.join('; ') || 'every page is right'}`,
      text(
        '重新启动收银台，它会自行抢救；损坏的文件会另存',
        'Start the till again, which salvages it by itself; the damaged file is set aside',
      ),
    ),
    ...missing.map(({ fromSeq, toSeq, atMs }) =>
      finding(
        'missing-entries',
        false,
        `entries ${fromSeq}-${toSeq} were committed and not there at the start of ${toInstant(atMs)}: the database's log was cut, lost or exchanged`,
        text(
          '按收银程序的记录核对这些销售，必要时重新入账；不要单独复制或清理 -wal 文件，并检查磁盘',
          "Compare these sales with the POS's own records and book them again where they are missing; never copy or clean up the -wal file by itself, and check the disk",
        ),
      ),
    ),
    finding(
      'ledger-journal',
      !['failing', 'held'].includes(journal.state) && (trouble?.notFitting ?? []).length === 0,
      [
        journal.toSeq === 0
          ? 'no entry in it'
          : `entries ${journal.fromSeq}-${journal.toSeq}, ${Math.ceil(journal.bytes / 1024)} KiB`,
        JOURNAL_WORDS[journal.state],
        ...(trouble === null
          ? []
          : [
              `made anew at ${toInstant(trouble.atMs)} (${trouble.why})`,
              ...(trouble.notFitting.length === 0
                ? []
                : [`entries ${trouble.notFitting.join(', ')} lie in the one set aside alone`]),
            ]),
      ].join('; '),
      text(
        '检查数据文件夹的剩余空间和磁盘，让杀毒软件不扫描该文件夹，并让收银台联上总部；另存的副本请交支持人员',
        'Check the free space of the data folder and the disk, keep virus scanners out of the folder, and bring the till to headquarters; hand a copy that was set aside to support',
      ),
    ),
    ...(salvage === null
      ? []
      : [
          finding(
            'salvage',
            lost.length === 0,
            lost.length === 0
              ? `salvaged before, no entry lost (${salvage})`
              : `entries ${lost.map(({ fromSeq, toSeq }) => `${fromSeq}-${toSeq}`).join(', ')} were lost with damaged pages (${salvage})`,
            text(
              '按报告中的编号与总部和收银程序的记录核对；检查磁盘',
              "Compare the report's numbers with headquarters and the POS's own records; check the disk",
            ),
          ),
        ]),
  ];
}
