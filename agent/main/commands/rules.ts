import type { Command } from 'commander';
import { signRuleSet } from '../../../sync/protocol/rule-set-document.ts';
import { keyIdOf } from '../../../sync/protocol/signed-document.ts';
import { text } from '../../contract/index.ts';
import { compileRuleSet } from '../../domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../domain/benefits/evaluate.ts';
import { runCases } from './benefit-case-run.ts';
import { both, type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';
import { readJsonFile, readSigningKey, readTextFile } from './read-input-file.ts';
import { readChainNames } from './rules-chain.ts';
import { registerRulesDiff } from './rules-diff.ts';
import { registerRulesHandbook } from './rules-handbook.ts';
import { registerRulesKey } from './rules-key.ts';
import { registerRulesPublish } from './rules-publish.ts';
import { problemText, readRules, reportProblems } from './rules-read.ts';
import { registerRulesSchema } from './rules-schema.ts';
import { readTryFile } from './rules-try-input.ts';
import { evaluationText } from './rules-try-text.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** Largest case pack and basket file, in bytes. */
export const CASE_FILE_MAX_BYTES = 64 * 1024 * 1024;

interface CheckOptions extends CommonOptions {
  readonly out?: string;
  readonly key?: string;
  readonly strict?: boolean;
  readonly chain?: string;
  readonly stackLimit?: string;
}

/** Adds `rules check|cases|try|diff|handbook|schema|key|publish` to the operator's tool. */
export function registerRules(program: Command): void {
  const rules = program.command('rules').description('check, sign and try benefit rules');
  withJsonOption(
    rules
      .command('check')
      .description('check a rule file and, with --out, write the signed rule set'),
  )
    .argument('<file>', 'rule file (YAML or JSON)')
    .option(
      '--out <file>',
      'write the signed rule set here; nothing is written when there is an error',
    )
    .option('--key <file>', 'Ed25519 private key (PEM) to sign with')
    .option('--strict', 'take warnings for errors: exit 1 and write nothing')
    .option('--chain <file>', 'JSON with the names that the chain has; others are reported')
    .option('--stack-limit <percent>', 'share of the list price that rules may take together', '80')
    .action(check);
  withJsonOption(
    rules.command('cases').description('run a benefit-case/1 pack through publisher and engine'),
  )
    .argument('<file>', 'case file (JSON)')
    .action(cases);
  withJsonOption(
    rules
      .command('try')
      .description('evaluate a basket under a rule file and say why each rule applied or not'),
  )
    .argument('<file>', 'rule file (YAML or JSON)')
    .requiredOption('--basket <file>', 'basket, member, store and time (YAML or JSON)')
    .action(tryBasket);
  registerRulesDiff(rules);
  registerRulesHandbook(rules);
  registerRulesSchema(rules);
  registerRulesKey(rules);
  registerRulesPublish(rules);
}

function check(file: string, options: CheckOptions): void {
  const { json, out, key: keyFile } = options;
  if ((out === undefined) !== (keyFile === undefined)) {
    return complain(json, {
      code: 'key-missing',
      message: text('--out 与 --key 必须同时给出', '--out and --key belong together'),
      remedy: text('规则集只以签名形式写出', 'A rule set is written only signed: give both'),
    });
  }
  const percent = Number(options.stackLimit ?? 80);
  if (!(percent > 0 && percent <= 100)) {
    return complain(json, {
      code: 'stack-limit',
      message: text('--stack-limit 不是百分比', '--stack-limit is no percentage'),
      remedy: text('写 1 到 100 的数字', 'Give a number from 1 to 100'),
    });
  }
  const chain = options.chain === undefined ? null : readChainNames(options.chain);
  if (chain !== null && !chain.ok) return complain(json, chain.error);
  const key = keyFile === undefined ? null : readSigningKey(keyFile);
  if (key !== null && !key.ok) return complain(json, key.error);
  const published = readRules(file, json, {
    stackLimitBp: Math.round(percent * 100),
    ...(chain === null ? {} : { chain: chain.value }),
  });
  if (published === null) return;
  const { ruleSet, warnings } = published;
  if (options.strict === true && warnings.length > 0) return reportProblems(file, warnings, json);
  if (key !== null && out !== undefined) {
    const document = signRuleSet(ruleSet, keyIdOf(key.value), key.value);
    const written = writeFileAtomically(out, `${JSON.stringify(document)}\n`);
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
  }
  const report = {
    ok: true,
    rules: ruleSet.rules.length,
    written: out ?? null,
    problems: warnings,
  };
  print(json, report, () =>
    [
      ...warnings.map((warning) => problemText(file, warning)),
      both(text(`${report.rules} 条规则通过检查`, `${report.rules} rules are in order`)),
      ...(out === undefined ? [] : [both(text(`已写入 ${out}`, `written to ${out}`))]),
    ].join('\n'),
  );
}

function cases(file: string, { json }: CommonOptions): void {
  const pack = readJsonFile(file, CASE_FILE_MAX_BYTES);
  if (!pack.ok) return complain(json, pack.error);
  const ran = runCases(pack.value);
  if (!ran.ok) {
    return complain(json, {
      code: 'not-a-case-file',
      message: text(`不是 benefit-case/1 文件：${file}`, `Not a benefit-case/1 file: ${file}`),
      remedy: text('检查文件中的 schema 与 cases', 'Check `schema` and `cases` in the file'),
      detail: ran.error,
    });
  }
  const { passed, failed, unsupported, failures, unsupportedIds } = ran.value;
  print(json, ran.value, () =>
    [
      ...failures.map(
        ({ id, expected, actual }) =>
          `failed ${id}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
      ),
      ...unsupportedIds.map((id) => `unsupported ${id}`),
      `${passed} passed, ${failed} failed, ${unsupported} unsupported`,
    ].join('\n'),
  );
  process.exitCode = failed > 0 ? EXIT.problems : EXIT.ok;
}

function tryBasket(
  file: string,
  { json, basket: basketFile }: CommonOptions & { readonly basket: string },
): void {
  const published = readRules(file, json);
  if (published === null) return;
  const basket = readTextFile(basketFile, CASE_FILE_MAX_BYTES);
  if (!basket.ok) return complain(json, basket.error);
  const { ruleSet } = published;
  const input = readTryFile(basket.value, ruleSet, Date.now());
  const evaluated = input.ok ? evaluate(compileRuleSet(ruleSet), input.value) : input;
  if (!evaluated.ok) {
    const detail =
      typeof evaluated.error === 'string'
        ? evaluated.error
        : `${evaluated.error.code}: ${evaluated.error.field}`;
    return complain(json, {
      code: 'basket-unusable',
      message: text(
        `购物篮文件不能使用：${basketFile}`,
        `The basket file cannot be used: ${basketFile}`,
      ),
      remedy: text('按提示修正字段', 'Correct the field that is named'),
      detail,
    });
  }
  print(json, evaluated.value, () => evaluationText(evaluated.value));
}
