// Loaded before a simulation, with the number of a guard in its address: that guard is missing from the product's code.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { GUARDS } from './guards.ts';

const guard = GUARDS[Number(new URL(import.meta.url).searchParams.get('guard'))];
if (guard === undefined) throw new Error('no such guard');
const patched = new URL(`../../../${guard.file}`, import.meta.url).href.split('?')[0];

registerHooks({
  load(url, context, next) {
    if (url !== patched) return next(url, context);
    const parts = readFileSync(fileURLToPath(url), 'utf8').split(guard.was);
    if (parts.length !== 2) throw new Error(`${guard.file} must hold this once: ${guard.was}`);
    const source = stripTypeScriptTypes(parts.join(guard.is));
    return { format: 'module', shortCircuit: true, source };
  },
});
