import { z } from 'zod';
import { type WedgeLayout, wedgeLayouts } from './layouts.ts';

/** Where a screen keeps how its keyboard scanner is set; every window of the till reads the same. */
export const WEDGE_SETTINGS_KEY = 'tillside.wedge';
/** Longest start mark of a code, in characters. */
export const WEDGE_PREFIX_MAX = 4;
/** Told to the window in which the settings are changed; the others hear of it by the event `storage`. */
const CHANGED = 'tillside-wedge';

const settingsSchema = z.object({
  layout: z.enum(wedgeLayouts).catch('us'),
  /** What the scanner sends before each code; a code without it is refused. */
  prefix: z.string().max(WEDGE_PREFIX_MAX).catch(''),
  /** `followed`: the scanner turns its letters round while Caps Lock is on. */
  capsLock: z.enum(['ignored', 'followed']).catch('ignored'),
  listens: z.boolean().catch(true),
  calibratedAt: z.iso.datetime().optional().catch(undefined),
});

/** How a keyboard-mode scanner is set. */
export interface WedgeSettings {
  readonly layout: WedgeLayout;
  readonly prefix: string;
  readonly capsLock: 'ignored' | 'followed';
  /** Off where a till has no such scanner, or its keys are to stay keys. */
  readonly listens: boolean;
  /** When a calibration last found how it is set. */
  readonly calibratedAt?: string | undefined;
}

export const DEFAULT_WEDGE_SETTINGS: WedgeSettings = {
  layout: 'us',
  prefix: '',
  capsLock: 'ignored',
  listens: true,
};

type Kept = Pick<Storage, 'getItem'>;

/** The kept settings; whatever is missing or wrong in them is as scanners leave their makers. */
export function readWedgeSettings(preferences: Kept): WedgeSettings {
  const kept = preferences.getItem(WEDGE_SETTINGS_KEY);
  if (kept === null) return DEFAULT_WEDGE_SETTINGS;
  try {
    const read = settingsSchema.safeParse(JSON.parse(kept));
    return read.success ? read.data : DEFAULT_WEDGE_SETTINGS;
  } catch {
    // No JSON: somebody else wrote there. A scanner as it left its maker is still read.
    return DEFAULT_WEDGE_SETTINGS;
  }
}

/** Keeps settings and tells every window of the till. */
export function keepWedgeSettings(
  preferences: Pick<Storage, 'setItem'>,
  settings: WedgeSettings,
): void {
  preferences.setItem(WEDGE_SETTINGS_KEY, JSON.stringify(settings));
  dispatchEvent(new Event(CHANGED));
}

/** Calls when the settings were changed, here or in another window; gives the function that stops that. */
export function onWedgeSettings(listener: () => void): () => void {
  const onStorage = ({ key }: StorageEvent): void => {
    if (key === null || key.endsWith(WEDGE_SETTINGS_KEY)) listener();
  };
  addEventListener(CHANGED, listener);
  addEventListener('storage', onStorage);
  return () => {
    removeEventListener(CHANGED, listener);
    removeEventListener('storage', onStorage);
  };
}
