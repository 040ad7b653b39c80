import type { ConfiguredModel } from '../face/configured-model.ts';
import { type Check, finding } from './check.ts';

const NOTHING = { 'zh-CN': '', en: '' };

/** What `till doctor` says of the face model: which one it is, or why there is none. */
export function checkOfFaceModel(model: ConfiguredModel): Check {
  if (!model.ok)
    return finding(
      'face-model',
      false,
      `${model.packFolder}: ${model.error.code}: ${model.error.detail}; the till sells on without faces`,
      model.remedy,
    );
  const { id, version, dimensions } = model.manifest;
  const from = model.packFolder ?? 'with the program';
  return finding('face-model', true, `${id} ${version}, ${dimensions} numbers, ${from}`, NOTHING);
}
