import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadEmbedder } from '../../../../ui/app/face-capture/load-embedder.ts';

const MANIFEST = readFileSync(
  new URL('../../../support/face-pack/manifest.json', import.meta.url),
  'utf8',
);

/** A till's server that has a pack's manifest, and nothing besides. */
function server() {
  const asked: string[] = [];
  const fetchFile = async (address: string): Promise<Response> => {
    asked.push(address);
    return address === '/face-pack/manifest.json'
      ? new Response(MANIFEST)
      : new Response('', { status: 404 });
  };
  return { asked, fetchFile };
}

test('A manifest whose model id does not fit: another model than the till compares by is not loaded', async () => {
  const { asked, fetchFile } = server();
  const wanted = { modelId: 'face-api-128', modelVersion: '1.7.15' };
  expect(await loadEmbedder(fetchFile, '/face-pack/', wanted)).toMatchObject({
    ok: false,
    error: { code: 'id-mismatch' },
  });
  expect(asked).toEqual(['/face-pack/manifest.json']);
});

test('the shipped model is not loaded for a till that compares by another one', async () => {
  const { asked, fetchFile } = server();
  const wanted = { modelId: 'fr-feature-512', modelVersion: '0.0.1' };
  expect(await loadEmbedder(fetchFile, undefined, wanted)).toMatchObject({
    ok: false,
    error: { code: 'id-mismatch' },
  });
  expect(asked).toEqual([]);
});

test('A model file missing: a pack of the wanted name is loaded until a file is not there', async () => {
  const { fetchFile } = server();
  const wanted = { modelId: 'fr-feature-512', modelVersion: '0.0.1' };
  const loaded = await loadEmbedder(fetchFile, '/face-pack/', wanted);
  expect(loaded).toMatchObject({ ok: false, error: { code: 'file-missing' } });
});
