import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { instantSchema, toInstant } from '../../../agent/contract/time.ts';
import { backUpPglite } from '../backup/back-up-pglite.ts';
import { backUpPostgres } from '../backup/back-up-postgres.ts';
import { createNoteBackup } from '../books/note-backup.ts';
import type { HqDeps } from '../deps.ts';
import type { HqSystem } from './hq-system.ts';
import { both, complain, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

/** What makes a restore safe; without it every till looks like a copy of itself. */
const AFTER_RESTORE = text(
  '从备份恢复后，启动总部之前必须运行 till hq restored，否则所有收银机都会被当作复制品',
  'After a restore from it, run `till hq restored` before headquarters starts, or every till is taken for a copy',
);

interface Options extends DatabaseOptions {
  readonly to?: string;
  readonly note?: string;
}

/** `backup`: copies the database and notes it, so that tills may forget what lies in the copy. */
export function registerBackup(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('backup')
      .description('back the database up, then tell the tills what they need not keep any longer')
      .option('--to <dir>', 'folder for the backup, best on another machine')
      .option(
        '--note <time>',
        'a backup was made by other means and began at this time (ISO 8601)',
      ),
  ).action((options: Options) => run(options, system));
}

async function run(options: Options, system: HqSystem): Promise<void> {
  const { json, to, note } = options;
  if ((to === undefined) === (note === undefined)) {
    return complain(json, {
      code: 'backup-where',
      message: text('请给出 --to 或 --note 其中之一', 'Give either --to or --note'),
      remedy: text(
        '--to 文件夹 做备份；--note 时间 登记已用其他方式完成的备份',
        '--to DIR makes a backup; --note TIME notes one that was made by other means',
      ),
    });
  }
  if (note !== undefined && !instantSchema.safeParse(note).success) {
    return complain(json, {
      code: 'time-invalid',
      message: text(`时间不对：${note}`, `Not a time: ${note}`),
      remedy: text('写成 2026-11-21T02:00:00+08:00', 'Write it as 2026-11-21T02:00:00+08:00'),
    });
  }
  await withDatabase(options, system, async ({ deps, database, url }) => {
    const startedAt = note ?? toInstant(deps.nowMs());
    let file: string | null = null;
    if (to !== undefined) {
      const made =
        url === null
          ? await backUpPglite(deps.db, database, to, startedAt)
          : await backUpPostgres(url, to, startedAt);
      if (!made.ok) return complain(json, made.error);
      file = made.value;
    }
    const tills = await noteIt(deps, startedAt);
    if (tills === null) {
      return complain(json, {
        code: 'time-invalid',
        message: text('备份不能在将来开始', 'A backup cannot begin in the future'),
        remedy: text('检查时间和时区', 'Check the time and its offset'),
      });
    }
    print(json, { file, startedAt, tills }, () =>
      both(
        text(
          `已登记备份${file === null ? '' : `：${file}`}（${tills} 台收银机）`,
          `Backup noted${file === null ? '' : `: ${file}`} (${tills} tills)`,
        ),
      ).concat(`\n  ${both(AFTER_RESTORE)}`),
    );
  });
}

async function noteIt(deps: HqDeps, startedAt: string): Promise<number | null> {
  const note = createNoteBackup(deps);
  const noted = await note({ kind: 'admin', name: 'operator' }, { startedAt }, undefined);
  return noted.ok ? noted.value.tills : null;
}
