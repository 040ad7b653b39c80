import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { text } from '../../contract/index.ts';
import { chainPackageSchema, loadChainPackage } from '../chain-package.ts';
import { loadConfig } from '../config.ts';
import { openLocked } from '../open-locked.ts';
import { systemRandom } from '../system.ts';
import { complain, print, withDataOption, withJsonOption } from './io.ts';

interface LoadOptions {
  readonly config: string;
  readonly data: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

/** `till load PACKAGE`: brings staff, members, points and articles to a till that has no headquarters. */
export function registerLoad(program: Command): void {
  const command = program
    .command('load <package>')
    .description(
      'load staff, members, points and articles from a chain package (JSON); loading twice changes nothing more',
    )
    .requiredOption(
      '--config <file>',
      'settings (JSON), as for run: the data belongs to the till they name',
    );
  withJsonOption(withDataOption(command)).action(load);
}

async function load(file: string, options: LoadOptions): Promise<void> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return complain(options.json, {
      code: 'package-unreadable',
      message: text(`无法读取 ${file}：${why}`, `${file} cannot be read: ${why}`),
      remedy: text('检查路径和 JSON 格式', 'Check the path and that it is JSON'),
    });
  }
  const parsed = chainPackageSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    return complain(options.json, {
      code: 'package-invalid',
      message: text(`${field} 不对：${issue?.message}`, `${field} is wrong: ${issue?.message}`),
      remedy: text(
        '修正后重新加载；没有写入任何内容',
        'Correct it and load again; nothing was written',
      ),
    });
  }
  const config = loadConfig(options.config);
  if (!config.ok) return complain(options.json, config.error);
  const opened = openLocked(options.data, options.keyFile, config.value.place);
  if (!opened.ok) return complain(options.json, opened.error);
  const { store, lock } = opened.value;
  if (store.sync.registration() !== undefined) {
    store.close();
    lock.release();
    return complain(options.json, {
      code: 'till-registered',
      message: text(
        '本收银机已在总部注册：员工、会员、积分和商品只来自总部',
        'This till is registered: staff, members, points and articles come from headquarters alone',
      ),
      remedy: text(
        '在总部用 till hq import 导入；没有写入任何内容',
        'Import them there with `till hq import`; nothing was written',
      ),
    });
  }
  const progress = options.json === true || !process.stderr.isTTY ? undefined : showProgress;
  await loadChainPackage(store, parsed.data, systemRandom, progress);
  const counts = {
    staff: parsed.data.staff.length,
    members: parsed.data.members.length,
    lots: parsed.data.lots.length,
    articles: parsed.data.articles.length,
  };
  store.close();
  lock.release();
  print(
    options.json,
    { loaded: counts },
    () =>
      `loaded ${counts.staff} staff, ${counts.members} members, ${counts.lots} lots of points, ${counts.articles} articles`,
  );
}

function showProgress(done: number, all: number): void {
  process.stderr.write(`\r${done} / ${all}${done === all ? '\n' : ''}`);
}
