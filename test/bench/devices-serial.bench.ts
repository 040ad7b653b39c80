import { SerialPort } from 'serialport';
import { assert } from '../../agent/contract/index.ts';
import { createSerialScanner } from '../../drivers/scanner/serial.ts';
import { createSystemEnv } from '../../drivers/system-env.ts';
import { startPty } from '../support/pty.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { against, interleave } from './interleave.ts';

const ROUNDS = 31;
const FRAMES_PER_ROUND = 100;
/** An EAN-13 with its AIM identifier and terminator is 17 bytes. */
const frameOf = (count: number): string => `]E0${String(count).padStart(13, '0')}\r`;

/** One end of a cable that answers when what was written has come out of the till's end. */
interface Reader {
  readonly read: (count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startDriver(): Promise<Reader> {
  const pty = await startPty();
  let arrived: (text: string) => void = () => undefined;
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const driver = createSerialScanner(
    {
      id: 'bench',
      owner: 'agent',
      port: { path: pty.path, baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
    },
    createSystemEnv(() => undefined),
    (event) => {
      if (event.type === 'scan') arrived(event.text);
      if (event.type === 'state' && event.to === 'ready') ready();
    },
  );
  driver.start();
  await isReady;
  return {
    read: (count) =>
      new Promise((resolve) => {
        arrived = (text) => {
          assert(Number(text) === count, 'each frame is one scan');
          resolve();
        };
        pty.write(frameOf(count));
      }),
    async stop() {
      await driver.stop();
      await pty.stop();
    },
  };
}

/** What any program pays: the same port, a listener, and nothing done with what comes but waiting for its end. */
async function startBareListener(): Promise<Reader> {
  const pty = await startPty();
  const port = new SerialPort({ path: pty.path, baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(error) : resolve())),
  );
  let arrived: () => void = () => undefined;
  port.on('data', (bytes: Buffer) => {
    if (bytes.at(-1) === 0x0d) arrived();
  });
  return {
    read: (count) =>
      new Promise((resolve) => {
        arrived = resolve;
        pty.write(frameOf(count));
      }),
    async stop() {
      await new Promise<void>((resolve) => port.close(() => resolve()));
      await pty.stop();
    },
  };
}

async function frameToEvent(): Promise<BenchmarkResult> {
  const [ours, bare] = [await startDriver(), await startBareListener()];
  let count = 0;
  const baselineName = 'a bare serialport listener';
  try {
    const times = await interleave(
      [
        { name: 'ours', run: () => ours.read(++count), perRound: FRAMES_PER_ROUND },
        { name: baselineName, run: () => bare.read(++count), perRound: FRAMES_PER_ROUND },
      ],
      ROUNDS,
    );
    return against(
      times,
      'devices: a 17-byte frame on a pseudo-terminal to the scan event',
      'ours',
      baselineName,
    );
  } finally {
    await ours.stop();
    await bare.stop();
  }
}

export const benchmarks: readonly Benchmark[] = [
  { name: 'devices-serial-frame', run: frameToEvent },
];
