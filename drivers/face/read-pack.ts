import { DEFAULT_MODEL } from './default-model.ts';
import { type ModelManifest, type ModelResult, readManifest, refused } from './model-manifest.ts';

/** The name under which descriptors are kept: those of two names are never compared. */
export interface ModelName {
  readonly modelId: string;
  readonly modelVersion: string;
}

/**
 * Reads the manifest of a model that somebody adds beside the shipped one. Descriptors are told apart by id and version
 * alone, so a pack may not go by the name of another model.
 * @param wanted the model that is configured, where one is
 * @returns refused with the field that does not fit
 */
export function readPack(source: unknown, wanted?: ModelName): ModelResult<ModelManifest> {
  const read = readManifest(source);
  if (!read.ok) return read;
  const { id, version } = read.value;
  if (wanted !== undefined && (id !== wanted.modelId || version !== wanted.modelVersion))
    return refused('id-mismatch', `id: ${id} ${version}, not ${nameOf(wanted)}`);
  return takesShippedName(read.value)
    ? refused('id-mismatch', `id: ${id} ${version} is the shipped model, with other files`)
    : read;
}

function nameOf({ modelId, modelVersion }: ModelName): string {
  return `${modelId} ${modelVersion}`;
}

function takesShippedName(manifest: ModelManifest): boolean {
  return (
    manifest.id === DEFAULT_MODEL.id &&
    manifest.version === DEFAULT_MODEL.version &&
    contentsOf(manifest) !== contentsOf(DEFAULT_MODEL)
  );
}

function contentsOf({ adapter, files }: ModelManifest): string {
  return [adapter, ...files.map(({ name, sha256 }) => `${name} ${sha256}`).sort()].join();
}
