import { z } from 'zod';

/** Where a till's screens keep which camera reads codes. */
export const CAMERA_KEY = 'tillside.camera';
/** Where a till's screens and its page at the camera keep which camera looks at faces. */
export const FACE_CAMERA_KEY = 'tillside.face-camera';
/** Longest name of a camera that is looked at, in characters. */
export const CAMERA_LABEL_MAX = 120;

const cameraSchema = z.object({
  /** Given by the browser; it changes when its data is cleared. */
  deviceId: z.string(),
  /** What the maker calls it, with vendor and product number. */
  label: z.string().min(1).max(CAMERA_LABEL_MAX),
});

export type Camera = Readonly<z.infer<typeof cameraSchema>>;

/** The cameras that have a name; a browser tells names only to a page that may use cameras. */
export async function listCameras(
  media: Pick<MediaDevices, 'enumerateDevices'>,
): Promise<readonly Camera[]> {
  const devices = await media.enumerateDevices();
  return devices
    .filter(({ kind, label }) => kind === 'videoinput' && label !== '')
    .map(({ deviceId, label }) => ({ deviceId, label: label.slice(0, CAMERA_LABEL_MAX) }));
}

/** The camera that is meant: two of one make differ by their id; one whose id changed is known by its name. */
export function findCamera(cameras: readonly Camera[], meant: Camera): Camera | undefined {
  const alike = cameras.filter(({ label }) => label === meant.label);
  return alike.find(({ deviceId }) => deviceId === meant.deviceId) ?? alike[0];
}

/** Names to choose by: where two are alike, with their places among them. */
export function cameraNames(cameras: readonly Camera[]): readonly string[] {
  return cameras.map(({ label }, index) => {
    const isAlike = (one: Camera): boolean => one.label === label;
    return cameras.filter(isAlike).length === 1
      ? label
      : `${label} · ${cameras.slice(0, index + 1).filter(isAlike).length}`;
  });
}

/**
 * The camera that was chosen for this till; null = none, or what is kept is no camera.
 * @param key for what it was chosen; absent = for codes
 */
export function readCamera(
  preferences: Pick<Storage, 'getItem'>,
  key: string = CAMERA_KEY,
): Camera | null {
  try {
    return cameraSchema.safeParse(JSON.parse(preferences.getItem(key) ?? 'null')).data ?? null;
  } catch {
    // No JSON: somebody else wrote there.
    return null;
  }
}

/** Chooses a camera for this till; null = none in particular. */
export function keepCamera(
  preferences: Pick<Storage, 'setItem'>,
  camera: Camera | null,
  key: string = CAMERA_KEY,
): void {
  preferences.setItem(key, JSON.stringify(camera));
}
