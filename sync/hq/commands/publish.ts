import { readFileSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { RULE_FILE_MAX_BYTES } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { publishPolicy } from '../documents/publish-policy.ts';
import type { PublishRefusal } from '../documents/publish-refusal.ts';
import { publishRuleSet } from '../documents/publish-rule-set.ts';
import type { RuleProblem } from '../publish/rule-problem.ts';
import type { HqSystem } from './hq-system.ts';
import { both, complain, EXIT, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

interface Options extends DatabaseOptions {
  readonly kind: 'rule-set' | 'policy';
}

/** `publish FILE`: signs a rule file (or a policy) and sends it to every till. */
export function registerPublish(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('publish')
      .description('check, sign and publish a rule file; any error refuses the whole file')
      .argument('<file>', 'YAML or JSON')
      .addOption(
        new Option('--kind <kind>', 'what the file holds')
          .choices(['rule-set', 'policy'])
          .default('rule-set'),
      ),
  ).action((file: string, options: Options) => run(file, options, system));
}

async function run(file: string, options: Options, system: HqSystem): Promise<void> {
  const { json, kind } = options;
  let source: string;
  try {
    if (statSync(file).size > RULE_FILE_MAX_BYTES)
      throw new Error(`more than ${RULE_FILE_MAX_BYTES} bytes`);
    source = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    return complain(json, {
      code: 'unreadable',
      message: text(`无法读取文件：${file}`, `The file cannot be read: ${file}`),
      remedy: text('检查路径，并保存为 UTF-8', 'Check the path and save it as UTF-8'),
      detail: cause instanceof Error ? cause.message : String(cause),
    });
  }
  await withDatabase(options, system, async ({ deps }) => {
    if (kind === 'policy') {
      const done = await publishPolicy(deps, source);
      if (!done.ok) return refuse(file, done.error, json);
      const { version, unchanged } = done.value;
      return print(json, { ok: true, kind, version, unchanged }, () => said(version, unchanged));
    }
    const done = await publishRuleSet(deps, source);
    if (!done.ok) return refuse(file, done.error, json);
    const { warnings, ...published } = done.value;
    print(json, { ok: true, kind, ...published, problems: warnings }, () =>
      [
        ...warnings.map((warning) => problemText(file, warning)),
        said(published.version, published.unchanged),
      ].join('\n'),
    );
  });
}

function refuse(file: string, refusal: PublishRefusal, json: boolean | undefined): void {
  const { code, message, remedy, problems } = refusal;
  print(json, { ok: false, code, message, remedy, problems }, () =>
    [
      ...problems.map((problem) => problemText(file, problem)),
      both(message),
      `  -> ${both(remedy)}`,
    ].join('\n'),
  );
  process.exitCode = EXIT.problems;
}

function said(version: number, unchanged: boolean): string {
  return both(
    unchanged
      ? text(`版本 ${version} 此前已发布`, `Version ${version} was published before`)
      : text(`已发布版本 ${version}`, `Published version ${version}`),
  );
}

function problemText(file: string, problem: RuleProblem): string {
  const rule = problem.ruleId === undefined ? '' : ` [${problem.ruleId}]`;
  return `${file}:${problem.line}:${problem.column}: ${problem.severity} ${problem.code}${rule}: ${both(problem.message)}\n  -> ${both(problem.remedy)}`;
}
