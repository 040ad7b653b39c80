import type { Till } from '../app/till.ts';
import { DEVICE_DAYS_KEPT } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { AdminAnswer, AdminRequest } from './admin-channel.ts';
import { databaseFacts } from './database-facts.ts';
import type { ConfiguredModel } from './face/configured-model.ts';
import { checkOfFaceModel } from './face/face-model-check.ts';
import type { KeyProtection } from './key-protection.ts';
import { systemClock } from './system.ts';
import type { VerifyRuns } from './verify-runs.ts';

/** What the operator's tool may ask of a till that runs. */
export interface AdminDeps {
  readonly store: Store;
  readonly till: Till;
  readonly verifying: VerifyRuns;
  /** A fresh link that opens a screen once. */
  readonly link: (path: string) => string;
  /** The same for the page at the camera. */
  readonly captureLink: () => string;
  readonly onStopRequest: (() => void) | undefined;
  readonly keyProtection: KeyProtection | undefined;
  readonly faceModel: ConfiguredModel | undefined;
}

/** Answers the operator's tool. */
export async function answerAdmin(
  request: AdminRequest,
  { store, till, verifying, link, captureLink, onStopRequest, keyProtection, faceModel }: AdminDeps,
): Promise<AdminAnswer> {
  switch (request.command) {
    case 'link':
      return {
        ok: true,
        value: { cashier: link('/'), manager: link('/manager'), camera: captureLink() },
      };
    case 'status': {
      const status = await till.status();
      return status.ok
        ? {
            ok: true,
            value: {
              ...status.value,
              keyProtection,
              faceModel: faceModel && checkOfFaceModel(faceModel),
              database: databaseFacts(store, systemClock.now()),
            },
          }
        : { ok: false, error: { code: status.error.code, message: status.error.code } };
    }
    case 'pair': {
      const window = await till.openPairing(request.managerId, request.pin);
      return window.ok
        ? { ok: true, value: window.value }
        : { ok: false, error: { code: window.error.code, message: window.error.code } };
    }
    case 'confirm-time': {
      const confirmed = await till.confirmTime(request.managerId, request.pin);
      return confirmed.ok
        ? { ok: true, value: confirmed.value }
        : { ok: false, error: { code: confirmed.error.code, message: confirmed.error.code } };
    }
    case 'sync-status':
    case 'sync-now': {
      const view = await (request.command === 'sync-now' ? till.syncNow() : till.showSync());
      return view.ok
        ? { ok: true, value: view.value }
        : { ok: false, error: { code: view.error.code, message: view.error.code } };
    }
    case 'devices': {
      const [devices, found] = await Promise.all([till.devices(), till.discoverDevices()]);
      return devices.ok
        ? {
            ok: true,
            value: {
              devices: devices.value,
              ...(found.ok ? found.value : { found: [], unlisted: [] }),
            },
          }
        : { ok: false, error: { code: devices.error.code, message: devices.error.code } };
    }
    case 'device-statistics': {
      const page = await till.deviceDays(DEVICE_DAYS_KEPT, request.offset);
      return page.ok
        ? { ok: true, value: page.value }
        : { ok: false, error: { code: page.error.code, message: page.error.code } };
    }
    case 'face-status':
    case 'face-facts':
    case 'face-member': {
      const { faceKeeping } = till;
      const found = await (request.command === 'face-member'
        ? faceKeeping.member(request.memberId)
        : request.command === 'face-facts'
          ? faceKeeping.facts()
          : faceKeeping.overview());
      return found.ok
        ? { ok: true, value: found.value }
        : { ok: false, error: { code: found.error.code, message: found.error.code } };
    }
    case 'face-pairs': {
      const page = till.faceKeeping.pairs(request.after);
      return page.ok
        ? { ok: true, value: page.value }
        : { ok: false, error: { code: page.error.code, message: page.error.code } };
    }
    case 'sync-verify':
      return { ok: true, value: { run: verifying.begin(request.deep) } };
    case 'sync-verified':
      return { ok: true, value: verifying.look(request.run) };
    case 'stop':
      // Answer first: the caller should learn that it was heard.
      if (onStopRequest !== undefined) setImmediate(onStopRequest);
      return { ok: true, value: { stopping: onStopRequest !== undefined } };
  }
}
