import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { assert } from '../../agent/contract/result.ts';
import { parseStrict } from '../../agent/domain/gs1/parse-gs1.ts';
import { type BarcodeCase, barcodeCasesSchema } from '../../agent/main/commands/barcode-cases.ts';
import { hasShared, sharedPath } from '../support/shared.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { compare } from './measure.ts';

const CASES = 'data/gs1/cases.json';
const BASELINE = 'gs1-barcode-parser-mod 1.2.1';

/** AI and value, in order; null where the code is refused. */
type Elements = readonly (readonly [string, string])[] | null;
type Parser = (one: BarcodeCase) => Elements;

type PeerParse = (text: string) => {
  readonly parsedCodeItems: readonly { readonly ai: string; readonly raw: string }[];
};

const require = createRequire(import.meta.url);
const { parseBarcode } = require('gs1-barcode-parser-mod') as { parseBarcode: PeerParse };

const ours: Parser = ({ kind, input }) => {
  const form = kind === 'uri' ? 'link' : kind === 'bracketed' ? 'bracketed' : undefined;
  const read = parseStrict({ text: input, form });
  return read.ok ? read.value.elements.map(({ ai, value }) => [ai, value]) : null;
};

const peer: Parser = ({ input }) => {
  try {
    return parseBarcode(input).parsedCodeItems.map(({ ai, raw }) => [ai, raw]);
  } catch {
    // It throws numbers and strings for what it refuses.
    return null;
  }
};

function readCases(): readonly BarcodeCase[] {
  assert(hasShared(CASES), `the cases lie beside the repository, in shared/${CASES}`);
  return barcodeCasesSchema.parse(JSON.parse(readFileSync(sharedPath(CASES), 'utf8')));
}

function isLink({ kind, input }: BarcodeCase): boolean {
  return kind === 'uri' || /^(?:\][A-Za-z]\d)?https?:/i.test(input);
}

/** What the reference refuses for its symbology alone has no AI to a till; a peer that refuses it is right as well. */
function isRight(one: BarcodeCase, read: Elements): boolean {
  if (!one.valid) return read === null || (/symbology/i.test(one.error ?? '') && read.length === 0);
  const expected = JSON.stringify(one.ais ?? []);
  return JSON.stringify(read ?? []) === expected && (read !== null || expected === '[]');
}

function accuracy(name: string, chosen: (one: BarcodeCase) => boolean): Benchmark {
  return {
    name,
    run: () => {
      const cases = readCases().filter(chosen);
      const share = (parser: Parser): number =>
        (100 * cases.filter((one) => isRight(one, parser(one))).length) / cases.length;
      const [mine, theirs] = [share(ours), share(peer)];
      return Promise.resolve({
        name,
        unit: `% right of ${cases.length}`,
        ours: mine,
        baseline: theirs,
        baselineName: BASELINE,
        ratio: mine / theirs,
        samples: 1,
      });
    },
  };
}

const SPEED = 'devices-gs1-parses-a-second-of-codes-that-both-read-right';

/** More is better, as the issue counts it: parses a second. */
async function speed(): Promise<BenchmarkResult> {
  const cases = readCases().filter(
    (one) => one.valid && (one.ais ?? []).length > 0 && isRight(one, peer(one)),
  );
  assert(cases.length > 50, 'the peer reads enough of the codes to be compared');
  const all = (parser: Parser) => (times: number) => {
    for (let nth = 0; nth < times; nth += 1) {
      const one = cases[nth % cases.length];
      if (one !== undefined) parser(one);
    }
  };
  const times = await compare({
    name: SPEED,
    baselineName: BASELINE,
    ours: all(ours),
    baseline: all(peer),
  });
  return {
    ...times,
    unit: 'parses/s',
    ours: 1e6 / times.ours,
    baseline: 1e6 / times.baseline,
    ratio: 1 / times.ratio,
  };
}

const hasAis = ({ ais }: BarcodeCase): boolean => (ais ?? []).length > 0;

export const benchmarks: readonly Benchmark[] = [
  { name: SPEED, run: speed },
  accuracy('devices-gs1-accuracy-right-codes', (one) => one.valid && hasAis(one) && !isLink(one)),
  accuracy('devices-gs1-accuracy-wrong-codes-refused', (one) => !one.valid && !isLink(one)),
  accuracy('devices-gs1-accuracy-all-410-cases-of-which-the-baseline-reads-no-links', () => true),
];
