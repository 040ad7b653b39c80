import type { Command } from 'commander';
import { text } from '../../contract/index.ts';
import { localTime } from '../../domain/benefits/local-time.ts';
import { both, type CommonOptions, complain, print, withJsonOption } from './io.ts';
import { readChainNames } from './rules-chain.ts';
import { handbookHtml } from './rules-handbook-html.ts';
import { handbookSections } from './rules-handbook-live.ts';
import { readRules } from './rules-read.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

interface Options extends CommonOptions {
  readonly out: string;
  readonly chain?: string;
  readonly from?: string;
}

/** Adds `rules handbook`: the benefits of each member tier as a printable page. */
export function registerRulesHandbook(rules: Command): void {
  withJsonOption(
    rules
      .command('handbook')
      .description(
        'write the benefit handbook per member tier, in both languages, as HTML to print',
      ),
  )
    .argument('<file>', 'rule file (YAML or JSON)')
    .requiredOption('--out <file>', 'where to write the page')
    .option(
      '--chain <file>',
      "JSON with the chain's `tiers`, lowest first; else those in the rules",
    )
    .option('--from <day>', 'leave out rules that end before this day (YYYY-MM-DD); else today')
    .action(handbook);
}

function handbook(file: string, { json, out, chain: chainFile, from }: Options): void {
  const published = readRules(file, json);
  if (published === null) return;
  const chain = chainFile === undefined ? null : readChainNames(chainFile);
  if (chain !== null && !chain.ok) return complain(json, chain.error);
  if (from !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(from)) {
    return complain(json, {
      code: 'day-wrong',
      message: text(`不是日期：${from}`, `Not a day: ${from}`),
      remedy: text('写成 2026-11-21', 'Write it as 2026-11-21'),
    });
  }
  const { ruleSet } = published;
  const date =
    from === undefined
      ? localTime(Date.now(), ruleSet.timeZone ?? 'Asia/Shanghai').date
      : Number(from.replaceAll('-', ''));
  const tiers = chain?.value.tiers;
  const sections = handbookSections(ruleSet, date, tiers === undefined ? undefined : [...tiers]);
  const digits = String(date);
  const day = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const written = writeFileAtomically(out, handbookHtml(ruleSet, day, sections));
  if (!written.ok) {
    return complain(json, {
      code: 'not-written',
      message: text(`无法写入：${out}`, `Cannot be written: ${out}`),
      remedy: text(
        '检查文件夹、权限和磁盘空间',
        'Check the folder, its permissions and the disk space',
      ),
      detail: written.error,
    });
  }
  const report = sections.map(({ tier, rules }) => ({ tier, rules: rules.map(({ id }) => id) }));
  print(json, { written: out, day, tiers: report }, () =>
    both(text(`已写入 ${out}`, `written to ${out}`)),
  );
}
