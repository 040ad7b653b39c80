import { expect, test } from 'vitest';
import { checksOfStatus } from '../../../../agent/main/commands/doctor.ts';
import { configuredModel } from '../../../../agent/main/face/configured-model.ts';
import { checkOfFaceModel } from '../../../../agent/main/face/face-model-check.ts';
import { openTill, value } from '../../app/rig.ts';

test('doctor names the model that the till compares by', async () => {
  expect(checkOfFaceModel(await configuredModel({}))).toEqual({
    check: 'face-model',
    ok: true,
    detail: 'face-api-128 1.7.15, 128 numbers, with the program',
  });
});

test('doctor names the pack that does not fit, what is wrong with it and what to do', async () => {
  const check = checkOfFaceModel(await configuredModel({ facePackFolder: '/nowhere' }));
  expect(check).toMatchObject({ check: 'face-model', ok: false });
  expect(check.detail).toContain('/nowhere: file-missing');
  expect(check.remedy).toContain('facePackFolder');
  const status = value(await openTill().till.status());
  expect(checksOfStatus({ ...status, faceModel: check })).toContainEqual(check);
});
