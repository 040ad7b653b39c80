import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { text, toInstant } from '../../contract/index.ts';
import { loadKey } from '../../store/database-key.ts';
import { keyCheckOf, POINTER_FILE, writePointer } from '../../store/pointer.ts';
import { layOutJournal } from '../../store/salvage/lay-out-journal.ts';
import type { SalvageReport } from '../../store/salvage/salvage-report.ts';
import { createKeyFile } from '../key-file.ts';
import { keyFileFor } from '../open-locked.ts';
import { salvageNow } from '../salvage-till.ts';
import { createLog, systemClock, toAppLog } from '../system.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';

interface SalvageCommandOptions {
  readonly data: string;
  readonly keyFile?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `till salvage [FILE]`: brings a damaged database back by hand. */
export function registerSalvage(program: Command): void {
  const command = program
    .command('salvage [file]')
    .description(
      'bring the damaged database of a stopped till back; with a file that was set aside, into an empty folder --to',
    )
    .option('--to <dir>', 'empty folder for what is salvaged from a file that was set aside');
  withJsonOption(withDataOption(command)).action(salvage);
}

function salvage(file: string | undefined, options: SalvageCommandOptions): void {
  const { data, keyFile, json } = options;
  const keyStore = createKeyFile({ path: keyFileFor(data, keyFile), dataDir: data });
  let dataDir = data;
  if (file !== undefined) {
    const { to } = options;
    if (to === undefined || existsSync(join(to, POINTER_FILE)) || !existsSync(file))
      return complain(json, WRONG_FILE);
    const key = loadKey(keyStore);
    if (!key.ok || key.value === undefined) return complain(json, key.ok ? WRONG_FILE : key.error);
    layOut(file, to, key.value);
    dataDir = to;
  }
  const done = salvageNow({
    dataDir,
    keyStore,
    place: undefined,
    clock: systemClock,
    log: toAppLog(createLog('error')),
  });
  if (!done.ok) return complain(json, done.error, EXIT.problems);
  const { store, lock, salvage: report } = done.value;
  store.close();
  lock.release();
  if (report === undefined) return;
  print(json, report, () => linesOf(report, dataDir).join('\n'));
  process.exitCode = (report.ledger?.lostUnsent ?? 0) > 0 ? EXIT.problems : EXIT.ok;
}

/** A folder of its own around a copy of a file that was set aside, with the journal that lay beside it. */
function layOut(file: string, to: string, key: Uint8Array): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const [name] = /till-[0-9a-f]{16}\.db$/.exec(basename(file)) ?? ['till-0000000000000000.db'];
  for (const companion of ['', '-wal', '.first']) {
    const from = join(dirname(file), basename(file) + companion);
    if (existsSync(from)) copyFileSync(from, join(to, name + companion));
  }
  layOutJournal(file, to);
  writePointer(to, {
    state: 'live',
    file: name,
    keyCheck: keyCheckOf(key),
    createdAt: toInstant(systemClock.now()),
  });
}

const WRONG_FILE = {
  code: 'salvage-file',
  message: text(
    '要从另存的文件抢救，需要该文件和一个空文件夹',
    'To salvage a file that was set aside, the file and an empty folder are needed',
  ),
  remedy: text(
    '运行：till salvage 文件 --to 空文件夹 --data 原数据文件夹',
    'Run: till salvage FILE --to EMPTY-FOLDER --data DATA-FOLDER',
  ),
};

function linesOf(report: SalvageReport, dataDir: string): string[] {
  const { outcome, damagedFile, mended, tables, ledger, reportFile } = report;
  const partly = tables.filter(({ state }) => state === 'part');
  return [
    outcome === 'mended'
      ? `every page is right: ${mended.mendedPages.length} pages and ${mended.mendedFrames.length} frames of the log were mended, nothing in them is lost`
      : `${mended.lostPages.length} pages cannot be read; ${tables.length - partly.length} of ${tables.length} tables came over whole`,
    ...partly.map(({ table, rows }) => {
      const back = ledger?.refilled[table] ?? 0;
      return `  ${table}: ${rows} rows came over, ${back} came back of the ledger's journal; others may be lost`;
    }),
    ...(ledger === null
      ? []
      : [
          `ledger: ${ledger.entries} entries, the last is ${ledger.headSeq}; lost: ${
            ledger.lost.map(({ fromSeq, toSeq }) => `${fromSeq}-${toSeq}`).join(', ') || 'none'
          }; headquarters had received up to ${ledger.receivedSeq}`,
          ...(ledger.fromJournal.entries.length === 0
            ? []
            : [`  ${ledger.fromJournal.entries.length} of them came from the ledger's journal`]),
          ledger.isRenewed
            ? '  the till goes on under a fresh incarnation; what was not sent goes up from there'
            : '  the till goes on as it was',
        ]),
    `the damaged file is kept as ${join(dataDir, damagedFile)}`,
    `report: ${join(dataDir, reportFile ?? '')}`,
  ];
}
