import { expect, test } from 'vitest';
import { createSerialFramer, frameTerminators } from '../../../drivers/scanner/serial-frame.ts';

const CHUNKINGS = 10_000;
const SCANS = 1_000;
const ends = { any: '\r\n', cr: '\r', lf: '\n', crlf: '\r\n' } as const;
/** From byte by byte, as a slow line brings them, to more than one code at a time. */
const largestChunks = [1, 3, 16, 100, 4_000] as const;

/** The linear congruential generator of Numerical Recipes; a failing run is named by its seed. */
const seeded = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
};

/** A scan as readers send it: printable bytes, GS inside, three bytes of UTF-8 now and then. */
const scanText = (below: (limit: number) => number): string => {
  const length = 1 + below(24);
  const alphabet = '0123456789ABCxyz/?=&]\u001d会';
  return Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join('');
};

test(`${CHUNKINGS} random chunkings of ${SCANS} scans give exactly those scans`, () => {
  const below = seeded(20_261_122);
  const scans = Array.from({ length: SCANS }, () => Buffer.from(scanText(below)));
  const streams = Object.fromEntries(
    frameTerminators.map((terminator) => [
      terminator,
      Buffer.concat(scans.flatMap((scan) => [scan, Buffer.from(ends[terminator])])),
    ]),
  ) as Record<(typeof frameTerminators)[number], Buffer>;

  for (let seed = 0; seed < CHUNKINGS; seed += 1) {
    const terminator = frameTerminators[seed % frameTerminators.length] ?? 'any';
    const largest = largestChunks[seed % largestChunks.length] ?? 1;
    const stream = streams[terminator];
    const cut = seeded(seed);
    const framer = createSerialFramer({ terminator });
    let next = 0;
    for (let at = 0, atMs = 0; at < stream.length; atMs += 1) {
      const size = 1 + cut(largest);
      for (const frame of framer.push(stream.subarray(at, at + size), atMs)) {
        const expected = scans[next++];
        if (frame.kind !== 'code' || expected?.equals(frame.bytes) !== true)
          expect.fail(`chunking ${seed}, scan ${next - 1}: ${JSON.stringify(frame)}`);
      }
      at += size;
    }
    if (next !== SCANS) expect.fail(`chunking ${seed} gave ${next} scans`);
  }
  // Two hundred megabytes, byte by byte.
}, 120_000);
