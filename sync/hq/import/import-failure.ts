import { type Text, text } from '../../../agent/contract/text.ts';

interface Row {
  readonly message: Text;
  readonly remedy: Text;
}

/** Why a whole file was not imported, each with what to do. Single rows are refused by `import-problem.ts`. */
export const IMPORT_FAILURES = {
  'file-unreadable': {
    message: text('无法读取文件', 'The file cannot be read'),
    remedy: text('检查路径和读取权限', 'Check the path and the right to read it'),
  },
  'file-empty': {
    message: text('文件没有内容', 'The file is empty'),
    remedy: text('重新导出后再试', 'Export it again'),
  },
  'not-text': {
    message: text(
      '这不是文本文件（可能是 Excel 工作簿或压缩包）',
      'This is no text file; it may be an Excel workbook or an archive',
    ),
    remedy: text(
      '在 Excel 中另存为“CSV UTF-8（逗号分隔）”',
      'Save it in Excel as "CSV UTF-8 (comma delimited)"',
    ),
  },
  'encoding-unknown': {
    message: text('认不出文件的编码', 'The encoding of the file is not known'),
    remedy: text(
      '用 --encoding 指明 utf-8、gb18030、utf-16le 或 utf-16be，或另存为 UTF-8',
      'Name it with --encoding utf-8, gb18030, utf-16le or utf-16be, or save the file as UTF-8',
    ),
  },
  'header-unknown': {
    message: text('表头中没有必需的列', 'The header row lacks a column that is needed'),
    remedy: text(
      '第一行应为表头；列名不同时用 --map 列名=字段 指明，乱码时用 --encoding 指明编码',
      'The first row must name the columns; say --map COLUMN=FIELD for other names, and --encoding where they look garbled',
    ),
  },
  'header-repeated': {
    message: text('两列表示同一个字段', 'Two columns mean the same field'),
    remedy: text('改名或删去其中一列', 'Rename or remove one of them'),
  },
  'mapping-wrong': {
    message: text('--map 不能使用', 'A --map cannot be used'),
    remedy: text(
      '写成 列名=字段；可用的字段见 till hq import --help',
      'Write COLUMN=FIELD; `till hq import --help` lists the fields',
    ),
  },
  'too-many-columns': {
    message: text('列太多', 'There are too many columns'),
    remedy: text('只导出需要的列', 'Export only the columns that are needed'),
  },
  'row-too-long': {
    message: text('表头太长', 'The header row is too long'),
    remedy: text(
      '检查文件是否为逐行的 CSV 或 JSON lines',
      'Check that the file is CSV or JSON lines, one record a line',
    ),
  },
  'not-json-lines': {
    message: text('不是 JSON lines 文件', 'This is no JSON lines file'),
    remedy: text(
      '每行写一个 JSON 对象，不要用数组包起来',
      'Write one JSON object a line, without a list around them',
    ),
  },
  'file-changed': {
    message: text(
      '文件在上次中断之后被改动过',
      'The file was changed after the import was interrupted',
    ),
    remedy: text(
      '换回原来的文件，或用 --again 从头导入',
      'Bring the old file back, or import from the start with --again',
    ),
  },
  'options-differ': {
    message: text(
      '这个文件有一次未完成的导入，使用的选项不同',
      'This file has an unfinished import with other options',
    ),
    remedy: text(
      '用同样的选项继续，或用 --again 从头导入',
      'Go on with the same options, or import from the start with --again',
    ),
  },
  'source-unreachable': {
    message: text('无法连接来源数据库', 'The source database cannot be reached'),
    remedy: text(
      '检查 --from 的地址；密码放在 PGPASSWORD 或密码文件（PGPASSFILE）中',
      'Check the address in --from; put the password into PGPASSWORD or a password file (PGPASSFILE)',
    ),
  },
  'source-refused': {
    message: text('来源数据库未能给出这些行', 'The source database did not give the rows'),
    remedy: text(
      '检查读取权限和服务器负载，然后再次运行同一命令',
      'Check the right to read and the load of the server, then give the same command again',
    ),
  },
  'table-unknown': {
    message: text('来源中没有这个表或视图', 'The source has no such table or view'),
    remedy: text('写成 模式.表名', 'Write SCHEMA.TABLE'),
  },
  'since-unknown': {
    message: text('来源的表中没有 --since 的列', 'The table has no column as named in --since'),
    remedy: text(
      '写一个只增不减的列，例如最后修改时间',
      'Name a column that only grows, such as the time of the last change',
    ),
  },
  'already-running': {
    message: text('另一个程序正在导入这个文件', 'Another program is importing this file'),
    remedy: text('等它结束后再试', 'Wait until it has finished'),
  },
} as const satisfies Record<string, Row>;

export type ImportFailureCode = keyof typeof IMPORT_FAILURES;

/** A refusal of a whole file. */
export interface ImportFailure extends Row {
  readonly code: ImportFailureCode;
  /** Which file, column or option. */
  readonly detail: string;
}

/** The refusal of a code, with its texts. */
export function importFailure(code: ImportFailureCode, detail: string): ImportFailure {
  return { code, ...IMPORT_FAILURES[code], detail };
}
