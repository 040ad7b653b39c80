import { useState } from 'react';
import type {
  Decision,
  FacePurpose,
  Identification,
  IdentificationId,
} from '../../../../agent/contract/index.ts';
import type { Problem } from '../../kit/problem.ts';
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
  /** Why the last call came to nothing, while the same shopper is on show. */
  readonly problem: Problem | null;
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
  const [about, setAbout] = useState<IdentificationId | null>(null);
  const shownId = live?.identificationId ?? null;
  const start = useTask(async (purpose: FacePurpose) => {
    setLacking(null);
    setAbout(shownId);
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
  // What was said of one shopper says nothing of the next.
  const isSame = about === shownId;
  const problem = open !== null ? cancel.problem : isSame ? start.problem : null;
  return {
    scene,
    start,
    cancel,
    problem,
    lacking: isSame && open === null ? lacking : null,
    mayEnrol: problem?.code === 'face-not-enrolled' && live?.outcome === 'identified',
  };
}
