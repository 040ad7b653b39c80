import {
  type Failure,
  type MemberId,
  ok,
  type Result,
  type StaffId,
} from '../../contract/index.ts';
import { storageSafe } from '../work.ts';
import { facesOn } from './consent.ts';
import { endTemplates } from './end-templates.ts';
import type { FaceParts } from './face-parts.ts';
import type { KeptTemplates } from './templates.ts';

/** Templates destroyed before the till looks at anything else: each waits for the disk twice. */
export const ERASED_AT_A_TIME = 10;

/** Whether this store uses faces, and what follows where that changes. */
export interface FaceSwitch {
  isOn(): boolean;
  /**
   * Looks again after headquarters' settings changed: switched off, the gallery is emptied, and templates stay for the day
   * when it is switched on again. Sessions ask by themselves.
   */
  look(): Promise<void>;
  /**
   * Destroys what this till keeps although it uses no faces any more: templates for this store alone end everywhere, those for
   * the whole chain only here. It cannot be taken back: to be recognised here again these members have to enrol again.
   * @param breathe lets the till do something else, asked for after each {@link ERASED_AT_A_TIME}
   * @returns how many
   */
  erase(staffId: StaffId, breathe?: () => Promise<void>): Promise<Result<number, Failure>>;
}

export function createFaceSwitch(
  parts: FaceParts,
  templates: Pick<KeptTemplates, 'refresh'>,
): FaceSwitch {
  const { store, keys, log } = parts;
  const isOn = (): boolean => facesOn(parts).ok;
  let wasOn = isOn();

  function members(): MemberId[] {
    const ids = store.faces.ids().map((id) => store.faces.find(id)?.template.memberId);
    return [...new Set(ids.filter((id) => id !== undefined))];
  }

  return {
    isOn,
    async look() {
      const on = isOn();
      if (on === wasOn) return;
      wasOn = on;
      log('info', on ? 'faces were switched on' : 'faces were switched off', {});
      if (!on) await parts.inUse()?.forget();
    },
    async erase(staffId, breathe) {
      let count = 0;
      const whose = members();
      for (const id of store.faces.ids()) {
        const template = store.faces.find(id)?.template;
        if (template === undefined) continue;
        const { memberId, scope, storeId } = template;
        const atMs = parts.clock.now();
        const isHere = scope === 'store' && storeId === parts.place().store.storeId;
        const ended = isHere
          ? endTemplates(parts, {
              memberId,
              templateIds: [id],
              // Not `withdrawn`, which would end what the member has at other stores.
              reason: 'retention',
              channel: 'staff',
              staffId,
              atMs,
            })
          : storageSafe(() => {
              keys.erase(id, 'not-fed', atMs);
              store.faces.remove(id);
            });
        if (!ended.ok) return ended;
        count += 1;
        if (count % ERASED_AT_A_TIME === 0) await breathe?.();
      }
      for (const id of whose) await templates.refresh(id);
      return ok(count);
    },
  };
}
