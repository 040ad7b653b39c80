import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { startNewTimeline } from '../tills/new-timeline.ts';
import type { HqSystem } from './hq-system.ts';
import { both, type Complaint, complain, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

const RUNNING: Complaint = {
  code: 'hq-running',
  message: text('总部正在这个数据库上运行', 'Headquarters runs on this database'),
  remedy: text(
    '先停止所有总部进程，再运行一次',
    'Stop every headquarters process, then run it again',
  ),
};

/** `restored`: tells a database that it came from a backup, so that tills begin anew with it instead of looking like copies. */
export function registerRestored(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('restored')
      .description(
        'run once after the database was restored from a backup, before headquarters starts',
      ),
  ).action((options: DatabaseOptions) =>
    withDatabase(options, system, async ({ deps }) => {
      const timeline = await startNewTimeline(deps.db);
      if (timeline === null) return complain(options.json, RUNNING);
      print(options.json, { timeline }, () =>
        both(
          text(
            '已登记恢复；现在可以启动总部，收银机会自动重新同步',
            'Restore noted; start headquarters, and the tills sync anew by themselves',
          ),
        ),
      );
    }),
  );
}
