import type { FaceFrame, FaceModel, FrameQuality } from '../../../agent/contract/index.ts';
import type { FrameLook } from '../../../drivers/face/frame-look.ts';
import type { FaceQuality } from '../../../drivers/face/quality.ts';

const BYTES_PER_NUMBER = 4;

/** What the agent is told of a frame: numbers alone, by which nobody can be drawn. */
export function toFaceFrame(look: FrameLook, model: FaceModel): FaceFrame {
  if (look.kind !== 'described') return { kind: 'fault', fault: look.fault };
  return {
    kind: 'described',
    model,
    descriptor: descriptorBase64(look.descriptor),
    quality: toFrameQuality(look.quality),
  };
}

function toFrameQuality({ widthPx, score, pose, grey, sharpness }: FaceQuality): FrameQuality {
  return { widthPx, score, ...pose, grey, sharpness };
}

/** Little-endian 32-bit floats in base64, whatever the order of this machine. */
export function descriptorBase64(values: Float32Array): string {
  const bytes = new Uint8Array(values.length * BYTES_PER_NUMBER);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => {
    view.setFloat32(at * BYTES_PER_NUMBER, value, true);
  });
  return btoa(String.fromCharCode(...bytes));
}
