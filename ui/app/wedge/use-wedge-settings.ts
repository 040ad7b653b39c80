import { useEffect, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { onWedgeSettings, readWedgeSettings, type WedgeSettings } from './wedge-settings.ts';

/** How the keyboard scanner of this till's screens is set, as it stands, whichever window changes it. */
export function useWedgeSettings(): WedgeSettings {
  const { preferences } = useEnv();
  const [settings, setSettings] = useState(() => readWedgeSettings(preferences));
  useEffect(
    () => onWedgeSettings(() => setSettings(readWedgeSettings(preferences))),
    [preferences],
  );
  return settings;
}
