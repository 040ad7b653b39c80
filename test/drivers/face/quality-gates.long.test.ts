import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wilsonInterval } from '../../../agent/domain/face/verification.ts';
import { decodePicture } from '../../../agent/main/face/decode-picture.ts';
import { openModel } from '../../../agent/main/face/open-model.ts';
import { readFaceSet } from '../../../agent/main/face/read-face-set.ts';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import { distanceOf } from '../../../drivers/face/descriptor.ts';
import {
  dominantFace,
  type FaceQuality,
  QUALITY_LIMITS,
  qualityFaults,
  qualityOf,
} from '../../../drivers/face/quality.ts';
import { frameOf } from '../../support/face-film.ts';
import { must } from '../../support/must.ts';
import { describeWithShared, sharedPath } from '../../support/shared.ts';

const FACES = 'data/faces';
const { fmr1e2 } = DEFAULT_MODEL.calibration.thresholds;

interface Seen {
  readonly person: string;
  readonly quality: FaceQuality;
  readonly descriptor: Float32Array;
}

/** The limits were chosen on the people of the other half. */
const isReported = (person: string): boolean =>
  (createHash('sha256').update(person).digest()[0] ?? 0) % 2 === 1;

/** Each photograph as high as a frame of the till's camera; those with one face. */
async function seen(): Promise<Seen[]> {
  const model = must(await openModel());
  const set = must(readFaceSet(sharedPath(FACES)));
  const all: Seen[] = [];
  for (const { file, person } of set.images.filter((image) => isReported(image.person))) {
    const photo = decodePicture(readFileSync(join(set.folder, file)));
    if (photo === null) throw new Error(`${file} cannot be decoded`);
    const picture = frameOf([photo]);
    const main = dominantFace(await model.find(picture));
    if (!main.ok) continue;
    const descriptor = await model.describe(picture, main.face);
    all.push({ person, quality: qualityOf(picture, main.face), descriptor });
  }
  await model.close();
  return all;
}

/** Of pairs of one person, the share at or below a distance, in words too. */
function accepted(faces: readonly Seen[], limit: number) {
  let [pairs, near] = [0, 0];
  faces.forEach((a, at) => {
    for (const b of faces.slice(at + 1)) {
      if (a.person !== b.person) continue;
      pairs += 1;
      if (distanceOf(a.descriptor, b.descriptor) <= limit) near += 1;
    }
  });
  const [low, high] = wilsonInterval(near, pairs);
  return { share: near / pairs, low, high, pairs };
}

describeWithShared(FACES)('The gates, on people by whom they were not chosen', () => {
  test('let most frames through, and those that a stricter score would refuse are worth as much', async () => {
    const faces = await seen();
    const passing = faces.filter(({ quality }) => qualityFaults(quality).length === 0);
    const strict = passing.filter(({ quality }) => quality.score >= QUALITY_LIMITS.enrolScoreMin);
    const [now, before] = [accepted(passing, fmr1e2), accepted(strict, fmr1e2)];
    const share = (some: readonly Seen[]): string =>
      `${((100 * some.length) / faces.length).toFixed(1)} %`;
    process.stdout.write(
      `${faces.length} faces; pass: ${share(passing)}, with ${QUALITY_LIMITS.enrolScoreMin} ${share(strict)}; ` +
        `same person within ${fmr1e2}: ${now.share.toFixed(3)} of ${now.pairs}, ${before.share.toFixed(3)} of ${before.pairs}\n`,
    );
    expect(passing.length / faces.length).toBeGreaterThan(0.8);
    // Alike as far as so many pairs can tell.
    expect(now.high).toBeGreaterThanOrEqual(before.low);
    expect(now.share).toBeGreaterThan(0.95);
  }, 600_000);
});
