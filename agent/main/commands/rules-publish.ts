import type { Command } from 'commander';
import { runHqCommand } from './hq.ts';
import { withJsonOption } from './io.ts';

interface Options {
  readonly hqData: string;
  readonly hqConfig?: string;
  readonly database?: string;
  readonly json?: boolean;
}

/** `rules publish FILE`: what `till hq publish FILE` does, beside the other commands for rules. */
export function registerRulesPublish(rules: Command): void {
  withJsonOption(
    rules
      .command('publish')
      .description('check a rule file, sign it at headquarters and send it to every till'),
  )
    .argument('<file>', 'rule file (YAML or JSON)')
    .requiredOption('--hq-data <dir>', 'data folder of headquarters')
    .option('--hq-config <file>', 'settings of headquarters (JSON)')
    .option('--database <where>', 'pglite, embedded or postgres://..., as for `till hq`')
    .action((file: string, { hqData, hqConfig, database, json }: Options) =>
      runHqCommand([
        'publish',
        file,
        '--data',
        hqData,
        ...(hqConfig === undefined ? [] : ['--config', hqConfig]),
        ...(database === undefined ? [] : ['--database', database]),
        ...(json === true ? ['--json'] : []),
      ]),
    );
}
