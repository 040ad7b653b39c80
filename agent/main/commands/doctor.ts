import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Status, type Text, text } from '../../contract/index.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import { askAgent } from '../admin-channel.ts';
import { loadConfig } from '../config.ts';
import { keyFileFor, openLocked } from '../headless.ts';
import { verifyLedger } from '../verify-ledger.ts';
import { both, EXIT, print, withDataOption, withJsonOption } from './io.ts';

/** Free space below which a till should be looked after, in bytes. */
const DISK_LOW_BYTES = 512 * 1024 * 1024;

const DAY_MS = 24 * 60 * 60_000;

/** One finding of `doctor`, as DESIGN 7 prints it. */
export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

interface DoctorOptions {
  readonly config?: string;
  readonly data: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

/** `till doctor`: devices, database, clock, keys, headquarters - each with what to do. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check devices, database, clock, keys and headquarters, with remedies')
    .option('--config <file>', 'settings (JSON), as for run');
  withJsonOption(withDataOption(command)).action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const checks: Check[] = [checkDisk(options.data)];
  const running = await askAgent(options.data, { command: 'status' });
  if (running.ok) checks.push(...checksOfStatus(running.value as Status));
  else checks.push(...checksOfFolder(options));
  print(options.json, checks, () => checks.map(toLine).join('\n'));
  process.exitCode = checks.every((check) => check.ok) ? EXIT.ok : EXIT.problems;
}

function toLine({ check, ok, detail, remedy }: Check): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${check}: ${detail}${remedy === undefined ? '' : `\n     -> ${remedy}`}`;
}

function finding(check: string, ok: boolean, detail: string, remedy: Text): Check {
  return { check, ok, detail, ...(ok ? {} : { remedy: both(remedy) }) };
}

function checkDisk(dataDir: string): Check {
  try {
    const { bavail, bsize } = statfsSync(dataDir);
    const free = bavail * bsize;
    return finding(
      'disk',
      free >= DISK_LOW_BYTES,
      `${Math.floor(free / 1_048_576)} MiB free`,
      text('清理磁盘', 'Free disk space'),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return finding(
      'disk',
      false,
      why,
      text('检查数据文件夹的路径', 'Check the path of the data folder'),
    );
  }
}

/** A running till is asked: its database is its own. */
export function checksOfStatus(status: Status): Check[] {
  return [
    finding(
      'agent',
      true,
      `running since ${status.startedAt}, version ${status.version}`,
      text('', ''),
    ),
    finding(
      'clock',
      status.clockTrusted && status.clockAheadMs === undefined,
      clockDetail(status),
      text(
        '先校准系统时间，再请店长确认：till time --confirm --manager 员工编号',
        'Set the system clock right, then a manager confirms it: till time --confirm --manager ID',
      ),
    ),
    finding(
      'rules',
      status.ruleSetVersion > 0,
      `version ${status.ruleSetVersion}`,
      text('安装规则文件', 'Install a rule set'),
    ),
    finding(
      'headquarters',
      status.headquarters.state !== 'offline',
      `${status.headquarters.state}, ${status.headquarters.waitingEntries} entries wait`,
      text('检查网络', 'Check the network'),
    ),
    ...status.devices.map(({ deviceId, state }) =>
      finding(
        `device ${deviceId}`,
        state === 'ready',
        state,
        text('查看收银台屏幕上的设备提示', "See the device's hint on the till's screen"),
      ),
    ),
  ];
}

function clockDetail({ now, clockTrusted, clockAheadMs }: Status): string {
  if (!clockTrusted) return `the till's time is ${now}; the system clock is behind it`;
  if (clockAheadMs === undefined) return `the till's time is ${now}`;
  const days = Math.floor(clockAheadMs / DAY_MS);
  return `the till's time is ${now}, ${days} days ahead of the time it has seen pass; old records are kept until it is confirmed`;
}

/** A till that does not run: its folder is opened and its chain verified. */
function checksOfFolder({ config: file, data, keyFile }: DoctorOptions): Check[] {
  // Looking must not make a till where there is none.
  if (!existsSync(join(data, POINTER_FILE))) {
    return [
      finding(
        'database',
        false,
        `${data}: no till here / 这里没有收银台`,
        text(
          '检查数据文件夹的路径，或先启动收银台',
          'Check the path of the data folder, or run the till first',
        ),
      ),
    ];
  }
  const config = loadConfig(file);
  if (!config.ok)
    return [
      {
        check: 'settings',
        ok: false,
        detail: both(config.error.message),
        remedy: both(config.error.remedy),
      },
    ];
  const opened = openLocked(data, keyFile, file === undefined ? undefined : config.value.place);
  if (!opened.ok) {
    const { message, remedy, detail } = opened.error;
    return [
      {
        check: 'database',
        ok: false,
        detail: detail === undefined ? both(message) : `${both(message)} (${detail})`,
        remedy: both(remedy),
      },
    ];
  }
  const { store, lock } = opened.value;
  const chain = verifyLedger(store);
  const checks = [
    finding('agent', true, 'not running', text('', '')),
    finding('key', true, keyFileFor(data, keyFile), text('', '')),
    finding(
      'database',
      true,
      `${store.members.count()} members, ledger at ${store.ledger.head().seq}`,
      text('', ''),
    ),
    finding(
      'ledger',
      chain.ok,
      chain.detail,
      text('复制数据文件夹并联系技术支持', 'Copy the data folder and call support'),
    ),
    finding(
      'rules',
      store.documents.current('rule-set') !== undefined,
      `version ${store.documents.current('rule-set')?.version ?? 0}`,
      text('安装规则文件', 'Install a rule set'),
    ),
  ];
  store.close();
  lock.release();
  return checks;
}
