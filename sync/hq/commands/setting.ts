import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { type SettingKey, writeSetting } from '../records/write-settings.ts';
import type { HqSystem } from './hq-system.ts';
import { both, complain, EXIT, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

/** Bytes of a setting's file. */
export const SETTING_FILE_MAX_BYTES = 1024 * 1024;

interface Options extends DatabaseOptions {
  readonly file?: string;
}

/** `setting KEY`: shows a setting of the chain; with `--file` it is written and goes to every till. */
export function registerSetting(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('setting')
      .description('show a setting of the chain, or write it from a JSON file')
      .argument(
        '<key>',
        'join, face, tiers, online, members, revoked-keys, or weather: and the id of a store',
      )
      .option('--file <file>', 'JSON with the whole new value'),
  ).action((key: string, options: Options) => run(key, options, system));
}

async function run(key: string, options: Options, system: HqSystem): Promise<void> {
  const { file, json } = options;
  if (file === undefined) return withDatabase(options, system, ({ deps }) => show(deps.db));
  let value: unknown;
  try {
    if (statSync(file).size > SETTING_FILE_MAX_BYTES)
      throw new Error(`more than ${SETTING_FILE_MAX_BYTES} bytes`);
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
  } catch (cause) {
    return complain(json, {
      code: 'unreadable',
      message: text(`无法读取文件：${file}`, `The file cannot be read: ${file}`),
      remedy: text(
        '检查路径，并保存为 UTF-8 编码的 JSON',
        'Check the path and save it as JSON in UTF-8',
      ),
      detail: cause instanceof Error ? cause.message : String(cause),
    });
  }
  await withDatabase(options, system, async ({ deps }) => {
    const written = await deps.db.transaction((tx) =>
      writeSetting(tx, key as SettingKey, value, deps.nowMs()),
    );
    if (!written.ok)
      return complain(json, {
        code: 'setting-invalid',
        message: text(`设置 ${key} 未写入`, `The setting ${key} was not written`),
        remedy: text('按提示修改后再试', 'Change what is named and try again'),
        detail: written.error,
      });
    print(json, { ok: true, key }, () =>
      both(
        text(
          `已写入设置 ${key}，将下发到各收银台`,
          `Wrote ${key}; it goes to every till that needs it`,
        ),
      ),
    );
  });

  async function show(db: {
    query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  }): Promise<void> {
    const [row] = await db.query<{ body: string }>('SELECT body FROM settings WHERE key = $1', [
      key,
    ]);
    if (row === undefined)
      return complain(
        json,
        {
          code: 'setting-unset',
          message: text(`设置 ${key} 未设定`, `The setting ${key} is not set`),
          remedy: text('用 --file 写入', 'Write it with --file'),
        },
        EXIT.problems,
      );
    const value: unknown = JSON.parse(row.body);
    print(json, { ok: true, key, value }, () => JSON.stringify(value, null, 2));
  }
}
