import type { StaffId } from '../../contract/index.ts';
import type { MetaRepository } from '../../store/store.ts';

const PAUSED = 'face-paused';
const ERASING = 'face-erasing';

/** By whom and since when faces are paused at a till. */
export interface FacePause {
  readonly atMs: number;
  readonly staffId: StaffId;
}

/** Whether a manager has paused faces at this till; undefined = no. What cannot be read counts as paused: the safe side. */
export function facePause(meta: Pick<MetaRepository, 'get'>): FacePause | undefined {
  const kept = meta.get(PAUSED) ?? '';
  if (kept === '') return undefined;
  try {
    const read = JSON.parse(kept) as Partial<FacePause>;
    return { atMs: Number(read.atMs ?? 0), staffId: String(read.staffId ?? '') as StaffId };
  } catch {
    return { atMs: 0, staffId: '' as StaffId };
  }
}

/** Writes it down, or `null` for the end of it. Within a transaction. */
export function keepFacePause(meta: MetaRepository, pause: FacePause | null): void {
  meta.set(PAUSED, pause === null ? '' : JSON.stringify(pause));
}

/** Who wanted this till's templates destroyed, while that is not done; undefined = nobody. */
export function faceErasure(meta: Pick<MetaRepository, 'get'>): StaffId | undefined {
  const kept = meta.get(ERASING) ?? '';
  return kept === '' ? undefined : (kept as StaffId);
}

/** Notes that templates are to be destroyed, so that a power cut does not keep them; `null` = it is done. */
export function noteFaceErasure(meta: MetaRepository, staffId: StaffId | null): void {
  meta.set(ERASING, staffId ?? '');
}
