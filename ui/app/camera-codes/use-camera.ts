import { useEffect, useRef, useState } from 'react';
import type { Camera } from './camera-choice.ts';
import { type CameraParts, type CameraState, startCameraReader } from './camera-reader.ts';
import type { CameraCode } from './code-gate.ts';

/**
 * Reads codes with the camera while the caller is shown.
 * @param meant the camera that was chosen for this till; another one begins again
 * @param turn another number begins again, with the camera closed and opened
 */
export function useCamera(
  parts: CameraParts,
  meant: Camera | null,
  turn: number,
  onCode: (code: CameraCode) => void,
): CameraState {
  const [state, setState] = useState<CameraState>({ phase: 'starting' });
  const latest = useRef(onCode);
  latest.current = onCode;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is what begins again.
  useEffect(() => {
    const reader = startCameraReader(parts, meant, setState, (code) => latest.current(code));
    return () => reader.close();
  }, [parts, meant, turn]);
  return state;
}
