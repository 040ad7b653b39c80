import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { assert } from '../../agent/contract/index.ts';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { facePhoto, frameOf, jpegOf } from '../support/face-film.ts';
import { framesTold, keyDelays, share, until } from '../support/key-delays.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { hasShared } from '../support/shared.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { against, type Rounds } from './interleave.ts';

const NAME = 'face-keys: a key to its picture while faces are looked for';
const [OURS, BASELINE] = ['beside the camera', 'the same page without a camera'];
const ROUNDS = 4;
/** Frames of the film; Chromium plays it again and again. */
const FILM_FRAMES = 5;
/** The worker is warm after so many frames. */
const WARM_FRAMES = 5;

interface Round {
  readonly beside: number[];
  readonly without: number[];
  /** Between two frames that were looked at, in milliseconds. */
  readonly frameMs: number;
}

async function roundOf(page: Page): Promise<Round> {
  const without = await keyDelays(page);
  const [told] = await framesTold(page);
  await page.evaluate('capture({ camera: null, challenge: [] })');
  await until(page, `posted.length > ${told + WARM_FRAMES}`);
  const from = await framesTold(page);
  const beside = await keyDelays(page);
  const to = await framesTold(page);
  await page.evaluate('closeCapture()');
  assert(to[0] > from[0], 'faces were looked for while keys were typed');
  return { beside, without, frameMs: (to[1] - from[1]) / (to[0] - from[0]) };
}

/** Keys of a keyboard scanner on a page whose worker looks at a photograph before the camera, and without the camera. */
async function keysBesideCamera(): Promise<BenchmarkResult> {
  assert(hasBrowser(), 'there is a Chromium to measure in');
  assert(
    hasShared('data/faces'),
    'the photographs lie beside the repository, in shared/data/faces',
  );
  const folder = mkdtempSync(join(tmpdir(), 'tillside-bench-face-'));
  const film = join(folder, 'film.mjpeg');
  const jpeg = jpegOf(frameOf([facePhoto('Antony_Leung_0001')]));
  writeFileSync(film, Buffer.concat(Array.from({ length: FILM_FRAMES }, () => jpeg)));
  let server: SceneServer | undefined;
  let browser: Awaited<ReturnType<typeof openBrowser>> | undefined;
  try {
    server = await serveScenes({ guarded: true });
    browser = await openBrowser({ film });
    const page = await browser.newPage();
    await page.goto(new URL('/face.html', server.address('')).href);
    // The first round warms page, worker and WebAssembly up.
    await roundOf(page);
    const rounds: Round[] = [];
    while (rounds.length < ROUNDS) rounds.push(await roundOf(page));
    return resultOf(rounds);
  } finally {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function resultOf(rounds: readonly Round[]): BenchmarkResult {
  const us = (side: 'beside' | 'without'): Rounds =>
    rounds.map((round) => round[side].map((ms) => ms * 1_000));
  const times = new Map([
    [OURS, us('beside')],
    [BASELINE, us('without')],
  ]);
  const ofFrame = (part: number): string =>
    Math.max(...rounds.map(({ beside, frameMs }) => share(beside, part) / frameMs)).toFixed(2);
  const paces = rounds.map(({ frameMs }) => 1_000 / frameMs);
  return {
    ...against(times, NAME, OURS, BASELINE),
    notes: [
      `${Math.min(...paces).toFixed(1)} to ${Math.max(...paces).toFixed(1)} frames looked at in a second; a key takes, in the worst round, ` +
        `${ofFrame(0.5)} of a frame (median), ${ofFrame(0.95)} (95th), ${ofFrame(1)} (longest): below 1 = by no more than one frame`,
    ],
  };
}

export const benchmarks: readonly Benchmark[] = [{ name: NAME, run: keysBesideCamera }];
