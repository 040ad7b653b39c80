import { useState } from 'react';
import type { Decision, FacePurpose, Identification } from '../../../../agent/contract/index.ts';
import { type Task, useTask } from '../../kit/use-task.ts';
import { useTill } from '../till-context.ts';
import { isLive } from '../till-view.ts';
import { type FaceScene, faceScene } from './face-scene.ts';
import { useFaceWatch } from './use-face-watch.ts';

/** The face as the cashier's page uses it. */
export interface FaceUse {
  /** `null` = nothing is shown: the till uses no faces, or is not reached. */
  readonly scene: FaceScene | null;
  readonly start: Task<FacePurpose>;
  readonly cancel: Task<undefined>;
  /** What the claimed member lacks to enrol, after they were asked to. */
  readonly lacking: Decision | null;
  /** Whether the member on show could be enrolled, since their face is not known here. */
  readonly mayEnrol: boolean;
}

/** Follows the face session and acts on it. @param identification the one on show */
export function useFace(identification: Identification | null): FaceUse {
  const { link, view } = useTill();
  const watch = useFaceWatch();
  const scene = watch === null ? null : faceScene(watch, identification);
  const live = isLive(identification) ? identification : null;
  const { faces } = link.client.screen;
  const [lacking, setLacking] = useState<Decision | null>(null);
  const start = useTask(async (purpose: FacePurpose) => {
    setLacking(null);
    const { sale } = view;
    const basketId = live?.basketId ?? (sale?.state === 'COMMITTED' ? undefined : sale?.basketId);
    const started = await faces.start({
      purpose,
      by: 'cashier',
      ...(purpose === 'identify' || live === null
        ? {}
        : { identificationId: live.identificationId }),
      ...(basketId === undefined ? {} : { basketId }),
    });
    if (started.outcome === 'proof-needed') setLacking(started.decision);
  });
  const open = scene?.open ?? null;
  const cancel = useTask(async () => {
    setLacking(null);
    if (open !== null) await faces.cancel({ sessionId: open.sessionId });
  });
  const mayEnrol = start.problem?.code === 'face-not-enrolled' && live?.outcome === 'identified';
  return { scene, start, cancel, lacking, mayEnrol };
}
