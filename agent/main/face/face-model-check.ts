// Types alone: the desktop program, which answers with this, has no commands.
import type { Check } from '../commands/check.ts';
import type { ConfiguredModel } from './configured-model.ts';

/** What `till doctor` says of the face model: which one it is, or why there is none. */
export function checkOfFaceModel(model: ConfiguredModel): Check {
  if (!model.ok)
    return {
      check: 'face-model',
      ok: false,
      detail: `${model.packFolder}: ${model.error.code}: ${model.error.detail}; the till sells on without faces`,
      remedy: `${model.remedy['zh-CN']} / ${model.remedy.en}`,
    };
  const { id, version, dimensions } = model.manifest;
  const from = model.packFolder ?? 'with the program';
  return {
    check: 'face-model',
    ok: true,
    detail: `${id} ${version}, ${dimensions} numbers, ${from}`,
  };
}
