import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import type { ModelError, ModelManifest } from '../../../drivers/face/model-manifest.ts';
import type { ModelName } from '../../../drivers/face/read-pack.ts';
import { type Text, text } from '../../contract/index.ts';
import { openModel } from './open-model.ts';

/** The model that a till is to compare by, or why there is none: it then sells on without faces. */
export type ConfiguredModel =
  | {
      readonly ok: true;
      readonly manifest: ModelManifest;
      /** Where the pack lies; absent = the model that comes with the program. */
      readonly packFolder?: string;
    }
  | {
      readonly ok: false;
      readonly packFolder: string;
      readonly error: ModelError;
      readonly message: Text;
      readonly remedy: Text;
    };

/** What the settings say of the model. */
export interface ModelSettings {
  readonly facePackFolder?: string | undefined;
  readonly faceModel?: ModelName | undefined;
}

/**
 * Checks the pack that the settings name: its manifest, its files and, by running its networks once, their dimensions.
 * Nothing of it stays loaded, since the pages describe faces and the till compares. Without a pack it is the shipped model,
 * which the program was built with and the pages check.
 */
export async function configuredModel(settings: ModelSettings): Promise<ConfiguredModel> {
  const { facePackFolder: packFolder, faceModel } = settings;
  if (packFolder === undefined) return { ok: true, manifest: DEFAULT_MODEL };
  const opened = await openModel(packFolder, faceModel);
  if (opened.ok) {
    const { manifest } = opened.value;
    await opened.value.close();
    return { ok: true, manifest, packFolder };
  }
  const { code, detail } = opened.error;
  return {
    ok: false,
    packFolder,
    error: opened.error,
    message: text(
      `人脸模型包无法使用，本机不识别人脸，照常营业：${code} ${detail}`,
      `The face model pack cannot be used; this till sells on without faces: ${code} ${detail}`,
    ),
    remedy: text(
      '按模型说明重新复制文件，或更正设置 facePackFolder 和 faceModel，再重新启动',
      'Copy the pack again, or correct the settings facePackFolder and faceModel, and start again',
    ),
  };
}
