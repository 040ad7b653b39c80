import type { Command } from 'commander';
import { type SyncView, text } from '../../contract/index.ts';
import { askAgent } from '../admin-channel.ts';
import { systemClock } from '../system.ts';
import { toLine } from './check.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { checksOfSync } from './sync-checks.ts';

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
}

async function show(
  { data, json }: SyncOptions,
  command: 'sync-status' | 'sync-now',
): Promise<void> {
  const answer = await askAgent(data, { command });
  if (!answer.ok)
    return complain(json, {
      code: answer.error.code,
      message: text('这个数据文件夹没有正在运行的收银台', 'No till is running on this data folder'),
      remedy: text('先启动：till run --data DIR', 'Start it first: till run --data DIR'),
      detail: answer.error.message,
    });
  const checks = checksOfSync(answer.value as SyncView, systemClock.now());
  print(json, checks, () => checks.map(toLine).join('\n'));
  process.exitCode = checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.problems;
}
