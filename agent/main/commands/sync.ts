import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { foundText } from '../../contract/check-found.ts';
import { type SyncView, type Text, text } from '../../contract/index.ts';
import { type AdminRequest, askAgent } from '../admin-channel.ts';
import { systemClock } from '../system.ts';
import type { VerifyRun } from '../verify-runs.ts';
import { type Check, finding, toLine } from './check.ts';
import { checksOfDatabase } from './database-checks.ts';
import type { AgentStatus } from './doctor.ts';
import { both, complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { checksOfSync } from './sync-checks.ts';

/** A check that runs is looked at so often, in milliseconds. */
const VERIFY_LOOK_MS = 300;

/** What a finding is called, by what ended. */
const CHECK_NAMES = {
  compare: 'full-check',
  walk: 'full-check',
  scrub: 'deep-check',
  ledger: 'ledger-check',
} as const;

const AGAIN = text('稍后再运行 till sync verify', 'Run till sync verify again in a while');
const DRIFT_REMEDY = text(
  '差异已按总部修复或正在处理；再运行一次 till sync verify 确认；若再次出现，请按 till sync status 的提示处理，并检查本机硬盘',
  "It was put right as headquarters says, or is being seen to; run till sync verify once more; if it comes again, do as till sync status says and look at this till's disk",
);
const VERIFY_REMEDIES: Readonly<Record<string, Text>> = {
  offline: text(
    '恢复与总部的连接后再试：till sync status',
    'Try again once headquarters is in reach: till sync status',
  ),
  'not-configured': text(
    '本机没有总部；要连接总部，用 till register',
    'This till has no headquarters; till register gives it one',
  ),
  'not-known-there': text('升级总部后再试', 'Update headquarters, then try again'),
};

interface SyncOptions {
  readonly data: string;
  readonly json?: boolean;
}

/** `till sync`: where a running till stands with headquarters. */
export function registerSync(program: Command): void {
  const sync = program
    .command('sync')
    .description('where the running till stands with headquarters');
  withJsonOption(
    withDataOption(
      sync
        .command('status')
        .description(
          'connection, place in the feed, what waits, receipts and clock, with remedies',
        ),
    ),
  ).action((options: SyncOptions) => show(options, 'sync-status'));
  withJsonOption(
    withDataOption(
      sync.command('now').description('try headquarters again at once, whatever the back-off says'),
    ),
  ).action((options: SyncOptions) => show(options, 'sync-now'));
  withJsonOption(
    withDataOption(
      sync
        .command('verify')
        .description('compare everything with headquarters now and repair what differs')
        .option('--deep', 'read every row again first, so that damage on the disk is found too'),
    ),
  ).action(verify);
}

/** The running till's answer, or an exit where none runs. */
async function askRunning(
  { data, json }: SyncOptions,
  request: AdminRequest,
): Promise<{ readonly value: unknown } | null> {
  const answer = await askAgent(data, request);
  if (answer.ok) return { value: answer.value };
  complain(json, {
    code: answer.error.code,
    message: text('这个数据文件夹没有正在运行的收银台', 'No till is running on this data folder'),
    remedy: text('先启动：till run --data DIR', 'Start it first: till run --data DIR'),
    detail: answer.error.message,
  });
  return null;
}

interface VerifyOptions extends SyncOptions {
  readonly deep?: boolean;
}

/** `till sync verify`: waits for the end of the check; people see on standard error how far it is. */
async function verify(options: VerifyOptions): Promise<void> {
  const begun = await askRunning(options, { command: 'sync-verify', deep: options.deep === true });
  if (begun === null) return;
  const { run } = begun.value as { readonly run: number };
  for (let told = ''; ; ) {
    const looked = await askRunning(options, { command: 'sync-verified', run });
    if (looked === null) return;
    const outcome = looked.value as VerifyRun;
    if (outcome.state !== 'running') return tell(options, checksOfVerify(outcome));
    if (options.json !== true) told = await showProgress(options, told);
    await sleep(VERIFY_LOOK_MS);
  }
}

async function showProgress({ data }: SyncOptions, told: string): Promise<string> {
  const status = await askAgent(data, { command: 'sync-status' });
  const checks = status.ok ? (status.value as SyncView).checks : undefined;
  if (checks === undefined) return told;
  const { text: said, progress, leftMs } = checks;
  const left = leftMs === null ? '' : `, ${Math.ceil(leftMs / 1_000)} s`;
  const line = `${both(said)}${progress === null ? '' : ` ${progress.done}/${progress.all}${left}`}`;
  if (line !== told) process.stderr.write(`${line}\n`);
  return line;
}

/** What a check that ended says, one finding each. */
export function checksOfVerify(outcome: Exclude<VerifyRun, { state: 'running' }>): Check[] {
  switch (outcome.state) {
    case 'done':
      return outcome.records.map((record) =>
        finding(
          CHECK_NAMES[record.kind],
          record.outcome === 'clean',
          `${both(foundText(record, String))} (${record.bytes} bytes, ${record.roundTrips} questions)`,
          DRIFT_REMEDY,
        ),
      );
    case 'failed':
      return [
        finding(
          'full-check',
          false,
          `${outcome.code}: ${outcome.detail}`,
          VERIFY_REMEDIES[outcome.code] ?? AGAIN,
        ),
      ];
    case 'unknown':
      return [finding('full-check', false, 'the till was started again meanwhile', AGAIN)];
  }
}

function tell(options: SyncOptions, checks: readonly Check[]): void {
  print(options.json, checks, () => checks.map(toLine).join('\n'));
  process.exitCode = checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.problems;
}

async function show(options: SyncOptions, command: 'sync-status' | 'sync-now'): Promise<void> {
  const answer = await askRunning(options, { command });
  if (answer === null) return;
  const status = await askAgent(options.data, { command: 'status' });
  const database = status.ok ? (status.value as AgentStatus).database : undefined;
  tell(options, [
    ...checksOfSync(answer.value as SyncView, systemClock.now()),
    ...(database === undefined ? [] : checksOfDatabase(database)),
  ]);
}
