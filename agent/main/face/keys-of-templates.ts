import { describeThrown } from '../../../sync/client/keep-running.ts';
import type { Log } from '../../app/deps.ts';
import { openTemplateKeys } from '../../store/template-keys/open-template-keys.ts';
import type { TemplateKeys } from '../../store/template-keys/template-keys.ts';
import { liesInside } from '../key-file.ts';

/**
 * Opens the keys of face templates. A till sells without faces: what refuses their keys is logged and keeps nothing from
 * opening.
 * @param file undefined = this till keeps no faces
 * @param databaseKey 32 bytes
 */
export function keysOfTemplates(
  file: string | undefined,
  { dataDir, databaseKey, log }: { dataDir: string; databaseKey: Uint8Array; log: Log },
): TemplateKeys | undefined {
  if (file === undefined) return undefined;
  if (liesInside(file, dataDir)) {
    log('error', 'the keys of faces would lie inside the data folder; no faces are used');
    return undefined;
  }
  try {
    const { keys, wasDestroyed } = openTemplateKeys(file, databaseKey);
    if (wasDestroyed)
      log('error', 'the keys of faces were damaged and are destroyed; members enrol again');
    return keys;
  } catch (error) {
    log('error', 'the keys of faces cannot be opened; no faces are used', describeThrown(error));
    return undefined;
  }
}
