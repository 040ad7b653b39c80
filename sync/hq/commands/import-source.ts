import { resolve } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { text } from '../../../agent/contract/text.ts';
import { IMPORT_KINDS, type ImportKind } from '../import/import-fields.ts';
import { DEFAULT_SOURCE, SOURCE_NAME_MAX_CHARS } from '../import/imported-rows.ts';
import { IMPORT_FORMATS, type ImportFormat, type RowSourceOptions } from '../import/row-source.ts';
import { tableLabel } from '../import/table-source.ts';
import { IMPORT_ENCODINGS, namedEncoding } from '../import/text-encoding.ts';
import { loadHqConfig } from './hq-config.ts';
import type { Complaint } from './io.ts';
import type { DatabaseOptions } from './with-database.ts';

/** Where rows come from, as the flags of a command say it. */
export interface SourceOptions extends DatabaseOptions {
  readonly format?: ImportFormat;
  readonly encoding?: string;
  readonly map?: readonly string[];
  readonly from?: string;
  readonly table?: string;
  readonly since?: string;
  readonly source?: string;
}

/** The arguments and options that name a source. */
export function withSourceOptions(command: Command): Command {
  return command
    .addArgument(new Argument('<kind>', 'what the rows are').choices(IMPORT_KINDS))
    .argument('<file>', 'CSV or JSON lines; with --from the table or view')
    .addOption(new Option('--format <format>', 'by the file unless named').choices(IMPORT_FORMATS))
    .option(
      '--encoding <name>',
      `${IMPORT_ENCODINGS.join(', ')} or gbk; told by the file unless named`,
    )
    .option(
      '--map <column=field>',
      'a column of another name; may be repeated; COLUMN=- leaves it out',
      (value: string, all: string[] = []) => [...all, value],
    )
    .option(
      '--from <address>',
      'postgres://user@host:port/name: read a table there; the password from PGPASSWORD or PGPASSFILE',
    )
    .option('--table <schema.name>', 'with --from: the table, where it differs from the argument')
    .option(
      '--source <name>',
      `the system that the rows come from, where there are several (${DEFAULT_SOURCE})`,
    );
}

/** What the flags name; a refusal says which flag. */
export function sourceOf(
  kind: ImportKind,
  file: string,
  options: SourceOptions,
): Result<RowSourceOptions & { readonly source?: string | undefined }, Complaint> {
  const { source, from, since } = options;
  const encoding = options.encoding === undefined ? undefined : namedEncoding(options.encoding);
  if (options.encoding !== undefined && encoding === undefined) {
    return err({
      code: 'encoding-unknown',
      message: text(`不支持的编码：${options.encoding}`, `No such encoding: ${options.encoding}`),
      remedy: text(
        `可用：${IMPORT_ENCODINGS.join('、')}、gbk`,
        `Use ${IMPORT_ENCODINGS.join(', ')} or gbk`,
      ),
    });
  }
  if (source !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(source))
    return err(wrongFlag('source', 'A-Z a-z 0-9 . _ -'));
  if (source !== undefined && source.length > SOURCE_NAME_MAX_CHARS)
    return err(wrongFlag('source', `<= ${SOURCE_NAME_MAX_CHARS}`));
  if (from === undefined && (since !== undefined || options.table !== undefined))
    return err(wrongFlag(since === undefined ? 'table' : 'since', '--from postgres://...'));
  const mapping = Object.fromEntries(
    (options.map ?? []).map((pair) => {
      const at = pair.lastIndexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const { format } = options;
  if (from === undefined)
    return ok({ kind, path: resolve(file), format, encoding, mapping, source });
  const named = options.table ?? file;
  const label = tableLabel(from, named);
  if (label === undefined) return err(wrongFlag('from', 'postgres://user@host:port/name'));
  const config = loadHqConfig(options.config, { ...options });
  if (!config.ok) return config;
  const table = {
    url: from,
    table: named,
    since: since === undefined ? undefined : { column: since },
    timeZone: config.value.timeZone,
  };
  return ok({ kind, path: label, mapping, source, table });
}

function wrongFlag(flag: string, wanted: string): Complaint {
  return {
    code: 'option-invalid',
    message: text(`--${flag} 不能这样使用`, `--${flag} cannot be used like this`),
    remedy: text(`应为：${wanted}`, `It needs: ${wanted}`),
  };
}
