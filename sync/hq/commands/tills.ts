import type { Command } from 'commander';
import type { TillRow } from '../../protocol/fleet.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { complain, print, withHqOptions } from './io.ts';

interface TillsOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `tills`: every till, whether it is online, how far it is and what its checks found. */
export function registerTills(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('tills')
      .description(
        'list the tills, whether they are online, how far they are, what their checks found',
      ),
  ).action(async (options: TillsOptions) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const list = await askHq(config.value, system, 'listTills', {});
    if (!list.ok) return complain(options.json, list.error);
    print(options.json, list.value, () => list.value.tills.map(lineOf).join('\n') || '-');
  });
}

/** A till in one line; `-` = it has yet to say. */
export function lineOf(till: TillRow): string {
  const { tillId, storeId, state, online, behind, receivedSeq, lastSeenAt, version } = till;
  const { waiting, oldestWaitingAt, lastCheck, recentDrift } = till;
  return [
    tillId.padEnd(20),
    storeId.padEnd(12),
    (state === 'registered' && online ? 'online' : state).padEnd(10),
    `behind ${behind ?? '-'}`.padEnd(14),
    `waiting ${waiting ?? '-'}${oldestWaitingAt === null ? '' : ` since ${oldestWaitingAt}`}`.padEnd(
      14,
    ),
    `entries ${receivedSeq}`.padEnd(16),
    `drift ${recentDrift}`.padEnd(12),
    `check ${lastCheck === null ? '-' : `${lastCheck.outcome} ${lastCheck.at}`}`.padEnd(40),
    lastSeenAt ?? '-',
    version ?? '',
  ].join(' ');
}
