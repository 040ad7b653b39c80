import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { DEMO_SEED, generateDemoChain } from '../../../demo/chain.ts';
import { demoSettings } from '../../../demo/settings.ts';
import type { HqDeps } from '../deps.ts';
import { type SeedCounts, seedChain } from '../records/seed-chain.ts';
import type { HqSystem } from './hq-system.ts';
import { both, complain, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

interface Options extends DatabaseOptions {
  readonly demo?: boolean;
}

/** `seed --demo`: fills an empty headquarters with the demo chain. */
export function registerSeed(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('seed')
      .description('fill an empty headquarters with the demo chain; done twice it changes nothing')
      .option('--demo', 'the demo chain: PGlite unless --database says otherwise'),
  ).action(async (options: Options) => {
    if (options.demo !== true) {
      return complain(options.json, {
        code: 'seed-unknown',
        message: text('没有指明用什么填充', 'Nothing was named to fill it with'),
        remedy: text(
          '加 --demo；真实数据请用 till hq import',
          'Say --demo; real data comes by `till hq import`',
        ),
      });
    }
    await withDatabase(options, system, async ({ deps }) => {
      const seeded = await seedDemo(deps);
      print(options.json, { seeded }, () => (seeded === null ? there() : counted(seeded)));
    });
  });
}

/** Writes the demo chain into HQ. @returns `null` where it was there already */
export function seedDemo(deps: HqDeps): Promise<SeedCounts | null> {
  return seedChain(deps, generateDemoChain({ seed: DEMO_SEED, nowMs: deps.nowMs() }), {
    settings: demoSettings,
    rules: readFileSync(new URL('../../../demo/rules.yaml', import.meta.url), 'utf8'),
  });
}

function there(): string {
  return both(text('演示数据已在总部', 'The demo chain is there already'));
}

function counted({ stores, staff, members, articles, ruleSetVersion }: SeedCounts): string {
  return both(
    text(
      `已写入 ${stores} 家门店、${staff} 名员工、${members} 名会员、${articles} 种商品，规则版本 ${ruleSetVersion}`,
      `${stores} stores, ${staff} staff, ${members} members, ${articles} articles, rules version ${ruleSetVersion}`,
    ),
  );
}
