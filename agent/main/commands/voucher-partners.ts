import { parse } from 'yaml';
import { z } from 'zod';
import { err, ok, type Result } from '../../contract/result.ts';
import { PARTNERS_MAX, type Partner, partnerSchema } from '../../contract/voucher.ts';

/** Of a rule file this alone is looked at, so that a partner can test with nothing else in it. */
const fileSchema = z.looseObject({
  partners: z.array(partnerSchema).max(PARTNERS_MAX).default([]),
});

/** The partners that a rule file names; an error says which field is wrong. @param source YAML or JSON */
export function readPartners(source: string): Result<readonly Partner[], string> {
  let value: unknown;
  try {
    value = parse(source);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = fileSchema.safeParse(value);
  return parsed.success ? ok(parsed.data.partners) : err(z.prettifyError(parsed.error));
}
