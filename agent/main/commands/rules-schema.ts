import type { Command } from 'commander';
import { z } from 'zod';
import { schemaWithZhe } from '../../../sync/hq/publish/zhe.ts';
import { ruleSourceFileSchema } from '../../contract/rules.ts';

/** Adds `rules schema`: the form of a rule file for editors. */
export function registerRulesSchema(rules: Command): void {
  rules
    .command('schema')
    .description('print the JSON Schema of rule files, for editors that complete and check them')
    .option('--json', 'as without it: the schema is JSON')
    .action(() => {
      process.stdout.write(`${JSON.stringify(ruleFileJsonSchema(), null, 2)}\n`);
    });
}

/** JSON Schema (draft 2020-12) of a rule file as authors write it: fields with a default may be left out. */
export function ruleFileJsonSchema(): object {
  const schema = z.toJSONSchema(ruleSourceFileSchema, { io: 'input', unrepresentable: 'any' });
  return { title: 'Tillside rule file', ...schemaWithZhe(schema) };
}
