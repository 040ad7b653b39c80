import { type ModelResult, refused } from '../../../drivers/face/model-manifest.ts';
import type { RuntimeFile } from './runtime-files.ts';

/** The largest file of a model that a page reads. */
export const MODEL_FILE_MAX_BYTES = 256 * 1024 * 1024;

/** What is needed of a page to read files of this machine. */
export type FetchFile = (address: string) => Promise<Response>;

/**
 * Reads one file of the till's own server.
 * @returns refused where there is none, where a page stands in its place, or where it is larger than any model
 */
export async function readModelFile(
  fetchFile: FetchFile,
  name: string,
  address: string,
): Promise<ModelResult<Uint8Array>> {
  try {
    const answer = await fetchFile(address);
    if (!answer.ok) return refused('file-missing', `${name}: status ${answer.status}`);
    if (Number(answer.headers.get('content-length') ?? 0) > MODEL_FILE_MAX_BYTES)
      return refused('file-altered', `${name}: too large`);
    return { ok: true, value: new Uint8Array(await answer.arrayBuffer()) };
  } catch (cause) {
    // A fetch tells a server that is gone by throwing, in the browser's words.
    return refused('file-missing', `${name}: ${cause instanceof Error ? cause.message : ''}`);
  }
}

/** Lower-case hex of the SHA-256 of bytes. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (one) => one.toString(16).padStart(2, '0')).join('');
}

/** Reads the WebAssembly file of a runtime; refused where it is not the one that the program was built with. */
export async function readRuntime(
  fetchFile: FetchFile,
  { name, bytes, sha256 }: RuntimeFile,
  address: string,
): Promise<ModelResult<Uint8Array>> {
  const file = await readModelFile(fetchFile, name, address);
  if (!file.ok) return file;
  return file.value.length === bytes && (await sha256Hex(file.value)) === sha256
    ? file
    : refused('file-altered', `${name}: other contents`);
}
