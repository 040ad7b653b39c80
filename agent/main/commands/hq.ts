import type { Command } from 'commander';
import { text } from '../../contract/index.ts';
import { programVersion } from '../headless.ts';
import { systemClock, systemRandom } from '../system.ts';
import { complain } from './io.ts';

/** `till hq ...`: the operator's tool of headquarters, which a packaged till does not have. */
export function registerHq(program: Command): void {
  program
    .command('hq')
    .description('headquarters: run it and look after it; `till hq --help` lists its commands')
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(runHqCommand);
}

/** Runs a command of headquarters' own tool; says so where this till has none. */
export async function runHqCommand(args: readonly string[]): Promise<void> {
  const hq = await loadHq();
  if (hq === undefined) {
    return complain(args.includes('--json'), {
      code: 'hq-not-here',
      message: text(
        '收银机的安装包里没有总部程序',
        'A packaged till does not hold the headquarters program',
      ),
      remedy: text(
        '在总部的服务器上从源代码运行',
        "Run it from the source on headquarters' server",
      ),
    });
  }
  const { createHqProgram, systemTimers: timers } = hq;
  const system = {
    nowMs: systemClock.now,
    random: systemRandom,
    timers,
    version: programVersion(),
  };
  await createHqProgram(system).parseAsync(args, { from: 'user' });
}

/** Loaded only when asked for: a database server and a web server would slow down every other command. */
async function loadHq() {
  try {
    return {
      ...(await import('../../../sync/hq/cli.ts')),
      ...(await import('../../../sync/hq/system-timers.ts')),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
