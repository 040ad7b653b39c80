import { type Text, text } from '../contract/index.ts';
import type { MendedLog } from './integrity/mend-log.ts';

interface Advice {
  readonly message: Text;
  readonly remedy: Text;
}

/** Why the till's database could not be opened, each with what to do about it. Nothing was created or changed. */
export const OPEN_ERRORS = {
  'key-missing': {
    message: text('找不到数据库密钥', 'The database key is missing'),
    remedy: text(
      '数据库还在。从备份恢复密钥文件，或请技术支持；不要删除数据文件夹',
      'The database is still there. Restore the key from its backup or call support; do not delete the data folder',
    ),
  },
  'key-wrong': {
    message: text('密钥不是这个数据库的', 'The key is not the one of this database'),
    remedy: text(
      '检查密钥文件与数据文件夹是否属于同一台收银台，恢复正确的密钥文件',
      'Check that key file and data folder belong to the same till and restore the right key file',
    ),
  },
  'key-unreadable': {
    message: text('无法读取或保存数据库密钥', 'The database key could not be read or saved'),
    remedy: text('按详细说明处理后重新启动', 'Do what the detail says, then start again'),
  },
  'pointer-missing': {
    message: text(
      '数据文件夹里有数据库，但缺少 live.json',
      'The data folder holds a database but no live.json',
    ),
    remedy: text(
      '从备份恢复 live.json；若要重新开始，请换一个空的数据文件夹',
      'Restore live.json from the backup; to start afresh choose an empty data folder',
    ),
  },
  'pointer-damaged': {
    message: text('live.json 无法读懂', 'live.json cannot be understood'),
    remedy: text(
      '从备份恢复 live.json；若要重新开始，请换一个空的数据文件夹',
      'Restore live.json from the backup; to start afresh choose an empty data folder',
    ),
  },
  'database-missing': {
    message: text('数据库文件不见了', 'The database file is gone'),
    remedy: text(
      '从备份恢复整个数据文件夹；若要重新开始，请换一个空的数据文件夹',
      'Restore the whole data folder from the backup; to start afresh choose an empty data folder',
    ),
  },
  'database-damaged': {
    message: text('数据库文件已损坏', 'The database file is damaged'),
    remedy: text(
      '启动收银台，它会自行抢救；或运行 till salvage。损坏的文件会另存，不会删除',
      'Start the till, which salvages it by itself, or run till salvage. The damaged file is set aside, never deleted',
    ),
  },
  'database-unreadable': {
    message: text(
      '数据库损坏严重，其中的内容无法找到',
      'The database is damaged so badly that nothing in it can be found',
    ),
    remedy: text(
      '把数据文件夹整个复制一份并请技术支持；若要先营业，请换一个空的数据文件夹并重新注册',
      'Copy the whole data folder and call support; to sell meanwhile choose an empty data folder and register again',
    ),
  },
  'schema-newer': {
    message: text(
      '数据库由更新版本的程序创建',
      'The database was made by a newer version of the program',
    ),
    remedy: text('安装不低于原来版本的程序', 'Install that version of the program or a later one'),
  },
  'schema-differs': {
    message: text(
      '数据库的结构与本程序不符',
      'The structure of the database is not the one this program makes',
    ),
    remedy: text(
      '安装正式发布的程序；若仍出错请联系技术支持',
      'Install a released program; if it still fails call support',
    ),
  },
  'other-till': {
    message: text('这个数据文件夹属于另一台收银台', 'This data folder belongs to another till'),
    remedy: text(
      '使用本机自己的数据文件夹，或改正收银台编号',
      "Use this till's own data folder or correct the till id",
    ),
  },
  'disk-full': {
    message: text('磁盘已满', 'The disk is full'),
    remedy: text('清理磁盘后重新启动', 'Free disk space, then start again'),
  },
  'disk-read-only': {
    message: text('磁盘是只读的', 'The disk is read-only'),
    remedy: text(
      '以可写方式挂载磁盘；磁盘出错时系统也会把它改为只读，请检查磁盘',
      'Mount the disk writable; a failing disk is also made read-only by the system, so check it',
    ),
  },
  'disk-failing': {
    message: text('磁盘读写出错', 'The disk fails to read or write'),
    remedy: text(
      '检查磁盘与连线，再重新启动',
      'Check the disk and its connections, then start again',
    ),
  },
  'folder-not-writable': {
    message: text('无法写入数据文件夹', 'The data folder cannot be written'),
    remedy: text(
      '检查路径，并把读写权限给运行本程序的用户',
      'Check the path and give the user that runs this program the right to write there',
    ),
  },
  'journal-held': {
    message: text(
      '数据库已损坏，抢救所需的台账日志正被其他程序占用',
      'The database is damaged, and another program holds the journal of the ledger that brings it back',
    ),
    remedy: text(
      '过几分钟再启动；并把数据文件夹加入杀毒和备份软件的排除列表',
      'Start again in some minutes, and exclude the data folder from virus scanners and backup programs',
    ),
  },
  locked: {
    message: text('数据库正被另一个程序占用', 'Another program holds the database'),
    remedy: text(
      '关闭打开此数据库的其他程序',
      'Close the other program that has this database open',
    ),
  },
} as const satisfies Record<string, Advice>;

export type OpenErrorCode = keyof typeof OPEN_ERRORS;

/** Why opening failed. `detail` names the file and the system's own words; never key bytes or personal data. */
export interface OpenError extends Advice {
  readonly code: OpenErrorCode;
  readonly detail: string;
  readonly cause?: unknown;
  /** The log as it should have been, so that a salvage need not look for its flipped bits again. */
  readonly examined?: MendedLog;
}

/** The error of a code, with its texts. */
export function openError(code: OpenErrorCode, detail: string, cause?: unknown): OpenError {
  return { code, ...OPEN_ERRORS[code], detail, ...(cause === undefined ? {} : { cause }) };
}
