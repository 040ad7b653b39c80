import { assert, ok } from '../../../agent/contract/result.ts';
import { tillOf } from '../books/callers.ts';
import type { HqDeps, HqHandlers } from '../deps.ts';
import { askKeys } from './ask-keys.ts';
import { answerKeys, readKeyPost } from './deliver-keys.ts';
import { readFaceFigures } from './face-figures.ts';
import { readFaceReceipts } from './face-receipts.ts';
import { sayKeys } from './say-keys.ts';
import { withdrawFaces } from './withdraw-faces.ts';

type FaceHandlers = Pick<
  HqHandlers,
  | 'askFaceKeys'
  | 'faceKeyPost'
  | 'answerFaceKeys'
  | 'sayFaceKeys'
  | 'withdrawFaces'
  | 'faceReceipts'
  | 'faceFigures'
>;

/** Faces: keys of templates from till to till, withdrawal at headquarters, and what became of templates. */
export function createFaceHandlers(deps: HqDeps): FaceHandlers {
  return {
    async askFaceKeys(caller, input) {
      const till = tillOf(caller);
      return till.ok ? askKeys(deps, till.value, input) : till;
    },
    async faceKeyPost(caller) {
      const till = tillOf(caller);
      return till.ok ? readKeyPost(deps, till.value) : till;
    },
    async answerFaceKeys(caller, input) {
      const till = tillOf(caller);
      return till.ok ? answerKeys(deps, till.value, input) : till;
    },
    async sayFaceKeys(caller, input) {
      const till = tillOf(caller);
      return till.ok ? sayKeys(deps, till.value, input) : till;
    },
    async withdrawFaces(caller, input) {
      assert(caller.kind === 'admin', 'only people of headquarters withdraw for a member');
      return withdrawFaces(deps, caller.name, input);
    },
    async faceReceipts(_caller, { memberId }) {
      return ok(await readFaceReceipts(deps.db, memberId));
    },
    async faceFigures() {
      return ok(await readFaceFigures(deps));
    },
  };
}
