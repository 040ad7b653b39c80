import type { Driver } from '../contract/device.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { createScanLine, type ScanLineOptions } from '../scanner/scan-line.ts';
import { createScannerDriver, type ScannerDefinition } from '../scanner/scanner-driver.ts';
import type { FrameTerminator } from '../scanner/serial-frame.ts';
import { createSimTransport, type SimTransport } from './sim-transport.ts';
import { createSimulation, type SimEncoding } from './simulation.ts';

const NOISE_BYTES = 16;
const STUCK_BYTES = 4_000;
const CR = 0x0d;
const LF = 0x0a;
const LETTER = 0x41;

const terminators: Readonly<Record<FrameTerminator, readonly number[]>> = {
  any: [CR],
  cr: [CR],
  lf: [LF],
  crlf: [CR, LF],
};

/** A serial scanner's way: UTF-8 in two pieces, then the terminator with the second. */
const serialEncoding = (terminator: FrameTerminator, random: DriverEnv['random']): SimEncoding => {
  const end = terminators[terminator];
  return {
    pieces(text, withEnd) {
      const bytes = new TextEncoder().encode(text);
      const cut = Math.ceil(bytes.length / 2);
      return [bytes.slice(0, cut), Uint8Array.from([...bytes.slice(cut), ...(withEnd ? end : [])])];
    },
    noise: (withEnd) =>
      Uint8Array.from([
        // Control characters alone, so that noise is never a code.
        ...Array.from({ length: NOISE_BYTES }, () => 1 + Math.floor(random() * 8)),
        ...(withEnd ? end : []),
      ]),
    stuckPiece: () => new Uint8Array(STUCK_BYTES).fill(LETTER),
  };
};

/**
 * A serial scanner that is not there: the real driver, framer included, on a simulated line.
 * What is injected or played enters as bytes, one step before the parser.
 */
export const createSimScanner = (
  definition: ScannerDefinition & { readonly line?: ScanLineOptions },
  env: DriverEnv,
  sink: DriverSink,
  transport: SimTransport = createSimTransport(env, definition.id),
): Driver => {
  const encoding = serialEncoding(definition.line?.terminator ?? 'any', env.random);
  return createScannerDriver(
    definition,
    {
      transport,
      createLine: (wiring) => createScanLine(wiring, definition.line),
      simulation: createSimulation(encoding, transport, env),
    },
    env,
    sink,
  );
};
