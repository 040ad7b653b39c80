import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Status, type SyncView, text, toInstant } from '../../contract/index.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import type { Store } from '../../store/store.ts';
import { askAgent } from '../admin-channel.ts';
import { loadConfig } from '../config.ts';
import { type DatabaseFacts, databaseFacts } from '../database-facts.ts';
import { configuredModel } from '../face/configured-model.ts';
import { checkOfFaceModel } from '../face/face-model-check.ts';
import type { KeyProtection } from '../key-protection.ts';
import { keyFileFor, openLocked } from '../open-locked.ts';
import { systemClock } from '../system.ts';
import { verifyLedger } from '../verify-ledger.ts';
import { type Check, finding, toLine } from './check.ts';
import { checksOfDatabase } from './database-checks.ts';
import {
  askDeviceDays,
  checksOfAgentDevices,
  checksOfIdleDevices,
  keptDeviceDays,
  writeDeviceDays,
} from './doctor-devices.ts';
import { both, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { checksOfSync } from './sync-checks.ts';

/** Free space below which a till should be looked after, in bytes. */
const DISK_LOW_BYTES = 512 * 1024 * 1024;

const DAY_MS = 24 * 60 * 60_000;

interface DoctorOptions {
  readonly config?: string;
  readonly data: string;
  readonly keyFile?: string;
  readonly json?: boolean;
  /** Where what the devices did is written. */
  readonly statistics?: string;
}

/** `till doctor`: devices, database, clock, keys, headquarters - each with what to do. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check devices, database, clock, keys and headquarters, with remedies')
    .option('--config <file>', 'settings (JSON), as for run')
    .option('--statistics <file>', 'write what the devices did, day by day, to a JSON file');
  withJsonOption(withDataOption(command)).action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const checks: Check[] = [checkDisk(options.data)];
  const running = await askAgent(options.data, { command: 'status' });
  if (running.ok) {
    const status = running.value as AgentStatus;
    checks.push(...checksOfStatus(status), ...(await checksOfAgentDevices(options.data, status)));
    const sync = await askAgent(options.data, { command: 'sync-status' });
    if (sync.ok) checks.push(...checksOfSync(sync.value as SyncView, systemClock.now()));
    if (options.statistics !== undefined)
      checks.push(
        writeDeviceDays(options.statistics, status.tillId, await askDeviceDays(options.data)),
      );
  } else checks.push(...(await checksOfFolder(options)));
  print(options.json, checks, () => checks.map(toLine).join('\n'));
  process.exitCode = checks.every((check) => check.ok) ? EXIT.ok : EXIT.problems;
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

/** What the agent tells its operator's tool: the status, and how the key is kept where a shell keeps it. */
export type AgentStatus = Status & {
  readonly keyProtection?: KeyProtection;
  readonly database?: DatabaseFacts;
  /** What the agent found of its face model when it started. */
  readonly faceModel?: Check;
};

/** A running till is asked: its database is its own. */
export function checksOfStatus(status: AgentStatus): Check[] {
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
    ...(status.database === undefined ? [] : checksOfDatabase(status.database)),
    ...(status.faceModel === undefined ? [] : [status.faceModel]),
    ...(status.keyProtection === undefined ? [] : [keyFinding(status.keyProtection)]),
  ];
}

function keyFinding(protection: KeyProtection): Check {
  return protection.kind === 'system-store'
    ? finding('key', true, `kept by the system's key store (${protection.backend})`, text('', ''))
    : finding(
        'key',
        false,
        `in a file that the till's account may read: ${both(protection.reason)}`,
        text(
          '为收银台账户启用系统密钥环（GNOME Keyring 或 KWallet），再重新启动程序：密钥会自动移入',
          "Set up a keyring for the till's account (GNOME Keyring or KWallet) and start the program again: the key moves there by itself",
        ),
      );
}

function clockDetail({ now, clockTrusted, clockAheadMs }: Status): string {
  if (!clockTrusted) return `the till's time is ${now}; the system clock is behind it`;
  if (clockAheadMs === undefined) return `the till's time is ${now}`;
  const days = Math.floor(clockAheadMs / DAY_MS);
  return `the till's time is ${now}, ${days} days ahead of the time it has seen pass; old records are kept until it is confirmed`;
}

/** A till that does not run: its folder is opened and its chain verified. */
async function checksOfFolder({
  config: file,
  data,
  keyFile,
  statistics,
}: DoctorOptions): Promise<Check[]> {
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
    ...checksOfDatabase(databaseFacts(store, systemClock.now())),
    ...registrationOf(store),
    checkOfFaceModel(await configuredModel(config.value)),
    ...(await checksOfIdleDevices(store, config.value)),
    ...(statistics === undefined
      ? []
      : [writeDeviceDays(statistics, store.tillId, keptDeviceDays(store))]),
  ];
  store.close();
  lock.release();
  return checks;
}

/** Which headquarters a till that does not run belongs to, and what waits for it. */
function registrationOf(store: Store): Check[] {
  const registration = store.sync.registration();
  if (registration === undefined) return [];
  const { count, oldestMs } = store.sync.waiting();
  const since = oldestMs === null ? '' : `, the oldest since ${toInstant(oldestMs)}`;
  return [
    finding(
      'headquarters',
      true,
      `registered at ${registration.url}; ${count} rows wait${since}`,
      text('', ''),
    ),
  ];
}
