import { FINDING_MARK, type Finding, type FindingName } from '../findings.ts';

/** Looks into one thing and prints what was found, good or bad; the next is looked into either way. */
export async function find(name: FindingName, look: () => Promise<string>): Promise<void> {
  const startedMs = performance.now();
  let outcome: Pick<Finding, 'ok' | 'detail'>;
  try {
    outcome = { ok: true, detail: await look() };
  } catch (error) {
    outcome = { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
  const finding: Finding = { name, ...outcome, tookMs: Math.round(performance.now() - startedMs) };
  process.stdout.write(`${FINDING_MARK}${JSON.stringify(finding)}\n`);
}

/** Throws unless both read the same as JSON. */
export function same(what: string, seen: unknown, wanted: unknown): void {
  const [is, should] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`${what}: ${is} instead of ${should}`);
}
