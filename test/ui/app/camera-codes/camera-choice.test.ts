import { describe, expect, test } from 'vitest';
import {
  CAMERA_KEY,
  CAMERA_LABEL_MAX,
  cameraNames,
  FACE_CAMERA_KEY,
  findCamera,
  keepCamera,
  listCameras,
  readCamera,
} from '../../../../ui/app/camera-codes/camera-choice.ts';

const front = { deviceId: 'f', label: 'Front' };
const left = { deviceId: 'l', label: 'Webcam C270' };
const right = { deviceId: 'r', label: 'Webcam C270' };

const media = (cameras: readonly { deviceId: string; label: string }[]) => ({
  enumerateDevices: async () =>
    cameras.map((camera) => ({ kind: 'videoinput', ...camera })) as MediaDeviceInfo[],
});
const preferences = (text: string | null = null) => {
  const kept = new Map(text === null ? [] : [[CAMERA_KEY, text]]);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
};

describe('the camera of a till', () => {
  test('is kept and read again', () => {
    const place = preferences();
    expect(readCamera(place)).toBeNull();
    keepCamera(place, left);
    expect(readCamera(place)).toEqual(left);
  });

  test('for faces is another choice than for codes, and can be taken back', () => {
    const place = preferences();
    keepCamera(place, left);
    keepCamera(place, right, FACE_CAMERA_KEY);
    expect([readCamera(place), readCamera(place, FACE_CAMERA_KEY)]).toEqual([left, right]);
    keepCamera(place, null, FACE_CAMERA_KEY);
    expect([readCamera(place), readCamera(place, FACE_CAMERA_KEY)]).toEqual([left, null]);
  });

  test.each(['', 'front', '{"label":"Front"}', '{"deviceId":"f","label":""}', 'null', '[]'])(
    'is none where %j is kept',
    (text) => {
      expect(readCamera(preferences(text))).toBeNull();
    },
  );

  test('is known by its name up to a length, and by that again', async () => {
    const long = 'x'.repeat(CAMERA_LABEL_MAX);
    const [fits, cut] = await listCameras(
      media([
        { deviceId: '1', label: long },
        { deviceId: '2', label: `${long}y` },
      ]),
    );
    expect([fits?.label, cut?.label]).toEqual([long, long]);
    const place = preferences(JSON.stringify({ deviceId: '1', label: `${long}y` }));
    expect(readCamera(place)).toBeNull();
    keepCamera(place, { deviceId: '2', label: long });
    expect(readCamera(place)).toEqual({ deviceId: '2', label: long });
  });

  test('is of two alike the one with its id, and otherwise the first of its name', () => {
    expect(findCamera([front, left, right], right)).toBe(right);
    expect(findCamera([front, left, right], { ...right, deviceId: 'old' })).toBe(left);
    expect(findCamera([front], right)).toBeUndefined();
    // An id that another camera has by now says nothing.
    expect(findCamera([front], { ...right, deviceId: 'f' })).toBeUndefined();
  });

  test('without a name cannot be chosen', async () => {
    expect(await listCameras(media([{ deviceId: '', label: '' }]))).toEqual([]);
  });

  test('is told from one alike by its place', () => {
    expect(cameraNames([left, front, right])).toEqual([
      'Webcam C270 · 1',
      'Front',
      'Webcam C270 · 2',
    ]);
  });
});
