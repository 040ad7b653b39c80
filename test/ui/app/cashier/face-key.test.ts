import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FACE_KEY } from '../../../../ui/app/cashier/face/face-key.ts';

const ROOT = fileURLToPath(new URL('../../../../ui/', import.meta.url));
/** Keys of a page as it names them: `F12: ...`, `Escape: ...`. */
const NAMED = /\b(F\d{1,2}|Escape|Insert|Home|End|Delete|PageUp|PageDown): /g;

it('asks for a face by a key that no other page takes, such as the register’s that stands beside it', () => {
  const others = globSync('**/*.tsx', { cwd: ROOT })
    .flatMap((file) => [...readFileSync(`${ROOT}${file}`, 'utf8').matchAll(NAMED)])
    .map(([, key]) => key);
  expect(others).toContain('F12');
  expect(others).not.toContain(FACE_KEY);
});
