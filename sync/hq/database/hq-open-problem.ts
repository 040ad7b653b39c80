import { type Text, text } from '../../../agent/contract/text.ts';

interface Advice {
  readonly message: Text;
  readonly remedy: Text;
}

/** Why HQ's database could not be opened, each with what to do about it. */
export const HQ_OPEN_PROBLEMS = {
  'folder-in-use': {
    message: text(
      '另一个总部程序正在使用这个数据文件夹',
      'Another headquarters program is using this data folder',
    ),
    remedy: text(
      '关闭另一个程序，或换一个数据文件夹；要同时运行两个总部程序，请使用 PostgreSQL 服务器地址',
      'Close the other program or choose another data folder; for two headquarters programs at once give both the address of one PostgreSQL server',
    ),
  },
  'folder-not-writable': {
    message: text('无法写入数据文件夹', 'The data folder cannot be written'),
    remedy: text(
      '检查路径，并把读写权限给运行本程序的用户',
      'Check the path and give the user that runs this program the right to write there',
    ),
  },
  'folder-not-reachable': {
    message: text(
      '数据库的系统用户无法进入数据文件夹',
      "The database's system user cannot reach the data folder",
    ),
    remedy: text(
      '换一个所有用户都能进入的路径（如 /var/lib/tillside），或不以 root 运行',
      'Choose a path that every user may pass (such as /var/lib/tillside), or do not run as root',
    ),
  },
  'folder-of-another-kind': {
    message: text(
      '这个数据文件夹属于另一种数据库',
      'This data folder belongs to the other kind of database',
    ),
    remedy: text(
      '使用原来的 --database 设置，或换一个空的数据文件夹',
      'Use the --database setting that it was made with, or choose an empty data folder',
    ),
  },
  'database-damaged': {
    message: text('数据库无法打开，可能已损坏', 'The database does not open; it may be damaged'),
    remedy: text(
      '先把数据文件夹整个复制一份，再从备份恢复',
      'Copy the whole data folder first, then restore it from the backup',
    ),
  },
  'disk-full': {
    message: text('磁盘已满', 'The disk is full'),
    remedy: text('清理磁盘后重新启动', 'Free disk space, then start again'),
  },
  'programs-missing': {
    message: text(
      '缺少内嵌 PostgreSQL 的程序文件',
      'The program files of the embedded PostgreSQL are missing',
    ),
    remedy: text(
      '重新运行 npm ci；此平台不支持时，请安装 PostgreSQL 并给出其地址',
      'Run npm ci again; where this platform is not supported, install PostgreSQL and give its address',
    ),
  },
  'user-missing': {
    message: text(
      'PostgreSQL 不能以 root 运行，而系统中没有可用的普通用户',
      'PostgreSQL does not run as root, and this system has no ordinary user for it',
    ),
    remedy: text(
      '建立系统用户 postgres，或以普通用户运行本程序',
      'Create the system user postgres, or run this program as an ordinary user',
    ),
  },
  'server-not-made': {
    message: text('无法建立内嵌数据库', 'The embedded database could not be made'),
    remedy: text(
      '查看 detail 中的原因，处理后重新启动',
      'See the reason in the detail, deal with it and start again',
    ),
  },
  'server-not-started': {
    message: text('内嵌数据库没有启动', 'The embedded database did not start'),
    remedy: text(
      '查看数据文件夹里的 postgresql.log，处理后重新启动',
      'Look at postgresql.log in the data folder, deal with it and start again',
    ),
  },
  'version-differs': {
    message: text(
      '数据由另一个大版本的 PostgreSQL 建立',
      'The data was made by another major version of PostgreSQL',
    ),
    remedy: text(
      '用原来版本的程序导出备份，再导入新的数据文件夹',
      'Back it up with the program that made it and restore it into a fresh data folder',
    ),
  },
  'server-unreachable': {
    message: text('连不上数据库服务器', 'The database server cannot be reached'),
    remedy: text(
      '检查地址、端口和网络，以及数据库是否在运行',
      'Check address, port and network, and whether the server runs',
    ),
  },
  'server-refused': {
    message: text('数据库服务器拒绝登录', 'The database server refused the login'),
    remedy: text(
      '检查地址中的用户、密码和数据库名',
      'Check user, password and database name in the address',
    ),
  },
  'server-too-old': {
    message: text('数据库服务器版本太旧', 'The database server is too old'),
    remedy: text('升级到 PostgreSQL 14 或更高版本', 'Update it to PostgreSQL 14 or later'),
  },
  'schema-newer': {
    message: text(
      '数据库由更新版本的总部程序升级过',
      'The database was brought forward by a newer version of headquarters',
    ),
    remedy: text(
      '安装不低于该版本的总部程序',
      'Install that version of headquarters or a later one',
    ),
  },
  'schema-differs': {
    message: text(
      '数据库的结构与本程序不符',
      'The structure of the database is not the one this program makes',
    ),
    remedy: text(
      '安装正式发布的程序，或使用另一个空的数据库',
      'Install a released program, or use another, empty database',
    ),
  },
} as const satisfies Record<string, Advice>;

export type HqOpenCode = keyof typeof HQ_OPEN_PROBLEMS;

/** Why opening failed. `detail` names the place and the system's own words; never a password. */
export interface HqOpenProblem extends Advice {
  readonly code: HqOpenCode;
  readonly detail: string;
}

/** The problem of a code, with its texts. */
export function hqOpenProblem(code: HqOpenCode, detail: string): HqOpenProblem {
  return { code, ...HQ_OPEN_PROBLEMS[code], detail };
}
