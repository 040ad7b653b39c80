import { type Text, text } from '../../contract/text.ts';

/**
 * Faces from which on whoever keeps them must file with the authority: the Chinese measures for face recognition of 2025
 * name 100,000 people. It is also the most that a till's gallery holds.
 */
export const FACES_FILING_LIMIT = 100_000;
/** From this share of the limit on people are warned, in per cent: filing takes weeks. */
export const FACES_WARNED_PERCENT = 90;

/** How many faces are stored, and what to do about it. */
export interface FacesFiled {
  readonly stored: number;
  readonly limit: number;
  readonly warning?: Text;
}

/** How near a number of faces is to the filing limit, at a till or over the chain. */
export function filingState(stored: number): 'clear' | 'near' | 'reached' {
  if (stored >= FACES_FILING_LIMIT) return 'reached';
  return stored * 100 >= FACES_FILING_LIMIT * FACES_WARNED_PERCENT ? 'near' : 'clear';
}

export function facesFiled(stored: number): FacesFiled {
  const limit = FACES_FILING_LIMIT;
  const state = filingState(stored);
  if (state === 'reached')
    return {
      stored,
      limit,
      warning: text(
        `已存 ${stored} 张人脸，达到备案上限，不再登记；请法务向网信部门备案`,
        `${stored} faces are stored, the filing limit: no more are enrolled; the lawyer has to file with the authority`,
      ),
    };
  if (state === 'near')
    return {
      stored,
      limit,
      warning: text(
        `已存 ${stored} 张人脸，接近 ${limit} 的备案上限；请通知法务`,
        `${stored} faces are stored, close to the filing limit of ${limit}: tell the lawyer`,
      ),
    };
  return { stored, limit };
}
