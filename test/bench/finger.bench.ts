import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { assert, type Evidence } from '../../agent/contract/index.ts';
import { decide } from '../../agent/domain/auth-policy/decide.ts';
import { defaultPolicy } from '../../agent/domain/auth-policy/default-policy.ts';
import { createPacketReader, formatPacket, packetKinds } from '../../drivers/finger/packet.ts';
import { createSerialFinger } from '../../drivers/finger/serial-finger.ts';
import { startModuleOnPty } from '../../drivers/sim/finger-module/on-pty.ts';
import { createSystemEnv } from '../../drivers/system-env.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { against, interleave } from './interleave.ts';

const ROUNDS = 31;
const CODEC = 'finger: frames of 128 bytes through the codec';
const TRIP = 'finger: a command and its answer on a pseudo-terminal';
const DECISION = 'finger: a decision over four proofs';

/** What a serial port brings at a time, at most. */
const PIECE_BYTES = 512;
const FRAMES = 4_000;

async function codec(): Promise<BenchmarkResult> {
  const payload = Uint8Array.from({ length: 128 }, (_, at) => (at * 31) & 0xff);
  const frame = formatPacket({ address: 0xffff_ffff, kind: packetKinds.data, payload });
  const line = new Uint8Array(frame.length * FRAMES);
  for (let nth = 0; nth < FRAMES; nth += 1) line.set(frame, nth * frame.length);
  const pieces = Array.from({ length: Math.ceil(line.length / PIECE_BYTES) }, (_, at) =>
    line.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES),
  );
  const copied = new Uint8Array(PIECE_BYTES);
  const baselineName = 'a bare copy of the same pieces';
  const times = await interleave(
    [
      {
        name: 'ours',
        run() {
          const reader = createPacketReader();
          let found = 0;
          for (const piece of pieces) found += reader.feed(piece).length;
          assert(found === FRAMES, 'every frame is found');
        },
      },
      {
        name: baselineName,
        run() {
          for (const piece of pieces) copied.set(piece);
        },
      },
    ],
    ROUNDS,
  );
  const result = against(times, CODEC, 'ours', baselineName);
  const perSecond = (line.length / result.ours) * 1_000_000;
  const wire = perSecond / 11_520;
  return {
    ...result,
    notes: [
      `${(perSecond / 1_000_000).toFixed(1)} million bytes a second; 115,200 baud bring a ${Math.round(wire).toLocaleString('en')}th of it`,
    ],
  };
}

/** A cable whose far end answers each piece with the same bytes, without looking at it. */
async function startEcho(answer: Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-bench-finger-'));
  const link = join(folder, 'echo');
  const cable: ChildProcess = spawn('socat', ['-', `pty,raw,echo=0,link=${link}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  cable.stdout?.on('data', () => void cable.stdin?.write(answer));
  while (!existsSync(link)) await sleep(10);
  const port = new SerialPort({ path: link, baudRate: 57_600, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(error) : resolve())),
  );
  let heard = 0;
  let arrived: () => void = () => undefined;
  port.on('data', (bytes: Buffer) => {
    heard += bytes.length;
    if (heard < answer.length) return;
    heard = 0;
    arrived();
  });
  return {
    ask: (question: Uint8Array) =>
      new Promise<void>((resolve) => {
        arrived = resolve;
        port.write(question);
      }),
    async stop() {
      await new Promise<void>((resolve) => port.close(() => resolve()));
      cable.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function roundTrip(): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-bench-finger-'));
  const env = createSystemEnv(() => undefined);
  const link = join(folder, 'module');
  const started = await startModuleOnPty({ profile: 'r307', link }, env);
  assert(started.ok, 'socat makes a pseudo-terminal');
  const ready = Promise.withResolvers<void>();
  const driver = createSerialFinger(
    { id: 'bench', owner: 'agent', port: { path: link }, settings: {} },
    env,
    (event) => {
      if (event.type === 'state' && event.to === 'ready') ready.resolve();
    },
  );
  driver.start();
  await ready.promise;
  // 12 bytes of question and 44 of answer, as of a notepad page.
  const echo = await startEcho(new Uint8Array(44));
  const question = new Uint8Array(13);
  const baselineName = 'a bare serialport with an echo of as many bytes';
  try {
    const times = await interleave(
      [
        {
          name: 'ours',
          async run() {
            const said = await driver.finger?.run({ act: 'read-mark' });
            assert(said?.ok === true, 'the module answers');
          },
          perRound: 100,
        },
        { name: baselineName, run: () => echo.ask(question), perRound: 100 },
      ],
      ROUNDS,
    );
    return against(times, TRIP, 'ours', baselineName);
  } finally {
    await driver.stop();
    await started.value.stop();
    await echo.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const AT = '2026-01-05T09:00:00.000Z' as Evidence['at'];
const proof = (means: Evidence['means'], kind: Evidence['kind'], more = {}): Evidence => ({
  means,
  kind,
  source: 'bench',
  memberId: 'm-1' as Evidence['memberId'],
  claim: kind === 'possession',
  at: AT,
  expiresAt: '2026-01-05T09:30:00.000Z' as Evidence['at'],
  ...more,
});

async function decisions(): Promise<BenchmarkResult> {
  const input = {
    policy: defaultPolicy,
    action: 'redeem-points',
    amountMinor: 80_000,
    storeTier: 'flagship',
    evidence: [
      proof('card', 'possession'),
      proof('pin', 'knowledge'),
      proof('face', 'inherence', { scoreMilliNats: 6_000, liveness: 'challenge' }),
      proof('finger', 'inherence', { scoreMilliNats: 9_000 }),
    ],
    state: { offline: false, stale: false, clockTrusted: true },
    nowMs: Date.parse(AT) + 1_000,
  } as const;
  const made = decide(input);
  const baselineName = 'writing that decision down as JSON';
  const times = await interleave(
    [
      {
        name: 'ours',
        run() {
          for (let nth = 0; nth < 1_000; nth += 1) decide(input);
        },
      },
      {
        name: baselineName,
        run() {
          for (let nth = 0; nth < 1_000; nth += 1) JSON.stringify(made);
        },
      },
    ],
    ROUNDS,
  );
  const result = against(times, DECISION, 'ours', baselineName);
  const perSecond = Math.round((1_000 / result.ours) * 1_000_000);
  return { ...result, notes: [`${perSecond.toLocaleString('en')} decisions a second`] };
}

export const benchmarks: readonly Benchmark[] = [
  { name: CODEC, run: codec },
  { name: TRIP, run: roundTrip },
  { name: DECISION, run: decisions },
];
