import { type Text, text } from '../../../agent/contract/text.ts';

/** Why no backup was made; nothing was noted. */
export interface BackupProblem {
  readonly code: 'pg-dump-missing' | 'pg-dump-old' | 'pg-dump-failed' | 'not-written' | 'in-memory';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

const TEXTS: Readonly<Record<BackupProblem['code'], { message: Text; remedy: Text }>> = {
  'pg-dump-missing': {
    message: text('找不到 pg_dump', 'pg_dump is not there'),
    remedy: text(
      '安装不低于服务器版本的 PostgreSQL 客户端工具；或用自己的方式备份，再用 --note 登记',
      "Install PostgreSQL's client tools, not older than the server; or back up by your own means and note it with --note",
    ),
  },
  'pg-dump-old': {
    message: text('pg_dump 比服务器旧', 'pg_dump is older than the server'),
    remedy: text(
      '安装版本不低于服务器的 postgresql-client（版本见 detail）并放入 PATH；或用自己的方式备份，再用 --note 登记',
      'Install a postgresql-client of at least the version of the server (see the detail) and put it into PATH; or back up by your own means and note it with --note',
    ),
  },
  'pg-dump-failed': {
    message: text('pg_dump 没有完成', 'pg_dump did not finish'),
    remedy: text('按 detail 处理后再试', 'See the detail and try again'),
  },
  'not-written': {
    message: text('备份无法写入', 'The backup cannot be written'),
    remedy: text(
      '检查文件夹、权限和磁盘空间',
      'Check the folder, its permissions and the disk space',
    ),
  },
  'in-memory': {
    message: text('内存中的数据库没有可备份的文件', 'A database in memory has no files'),
    remedy: text('使用 --database embedded 或服务器', 'Use --database embedded or a server'),
  },
};

export function backupProblem(code: BackupProblem['code'], detail: string): BackupProblem {
  return { code, ...TEXTS[code], detail };
}
