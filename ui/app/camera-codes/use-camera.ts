import { useEffect, useRef, useState } from 'react';
import { type CameraParts, type CameraState, startCameraReader } from './camera-reader.ts';
import type { CameraCode } from './code-gate.ts';

/**
 * Reads codes with the camera while the caller is shown.
 * @param turn another number begins again, with the camera closed and opened
 */
export function useCamera(
  parts: CameraParts,
  turn: number,
  onCode: (code: CameraCode) => void,
): CameraState {
  const [state, setState] = useState<CameraState>({ phase: 'starting' });
  const latest = useRef(onCode);
  latest.current = onCode;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is what begins again.
  useEffect(() => {
    const reader = startCameraReader(parts, setState, (code) => latest.current(code));
    return () => reader.close();
  }, [parts, turn]);
  return state;
}
