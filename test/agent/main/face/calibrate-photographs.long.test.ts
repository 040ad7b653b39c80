import { expect } from 'vitest';
import { calibratePhotographs } from '../../../../agent/main/face/calibrate-photographs.ts';
import { openModel } from '../../../../agent/main/face/open-model.ts';
import { readFaceSet } from '../../../../agent/main/face/read-face-set.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { sharedPath, testWithShared } from '../../../support/shared.ts';

testWithShared('data/faces')(
  'the line that the shipped model carries is the one drawn from the photographs',
  async () => {
    const set = readFaceSet(sharedPath('data/faces'));
    const model = await openModel();
    if (!set.ok || !model.ok) throw new Error('the photographs and the model are there');
    const { likelihood } = await calibratePhotographs(set.value, model.value);
    const shipped = DEFAULT_MODEL.calibration.likelihood;
    for (const name of ['offset', 'slope', 'min', 'max'] as const)
      expect(likelihood?.[name], name).toBeCloseTo(shipped?.[name] ?? Number.NaN, 1);
  },
);
