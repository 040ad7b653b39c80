import type { ModelManifest } from '../../../drivers/face/model-manifest.ts';
import type { FaceModelFacts } from '../../app/faces/ports.ts';
import { scoreMilliNats } from '../../domain/face/likelihood.ts';

/** What a till has to know of its model, out of the manifest. */
export function modelFacts(manifest: ModelManifest): FaceModelFacts {
  const { id, version, dimensions, normalisation, calibration } = manifest;
  const { thresholds, openSet, likelihood } = calibration;
  return {
    model: { modelId: id, modelVersion: version },
    dimensions,
    normalisation,
    thresholds: { fmr1e2: thresholds.fmr1e2, fmr1e3: thresholds.fmr1e3 },
    openSet,
    ...(likelihood === undefined
      ? {}
      : { scoreMilliNats: (distance) => scoreMilliNats(distance, likelihood) }),
  };
}
