import {
  DEVICE_ROLES,
  type DeviceBinding,
  type DeviceIdentityView,
  type DeviceRole,
  type FoundDeviceView,
} from '../../../agent/contract/index.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** Names of code families that are written otherwise than their ids. */
const SYMBOLOGIES: Readonly<Record<string, string>> = {
  'ean-upc': 'EAN/UPC',
  'code-128': 'Code 128',
  'code-39': 'Code 39',
  'data-matrix': 'Data Matrix',
  databar: 'GS1 DataBar',
  dotcode: 'DotCode',
  itf: 'ITF',
  pdf417: 'PDF417',
  qr: 'QR',
};

/** What people call devices, codes and places. */
export interface DeviceNames {
  /** A device of the till: by its role, else by the id that its settings give it. */
  readonly device: (deviceId: string) => string;
  /** A found device: maker and model, else its ids. */
  readonly found: (device: FoundDeviceView) => string;
  readonly symbology: (id: string | undefined) => string;
  /** What a binding finds the device by. */
  readonly knownBy: (binding: DeviceBinding) => string;
  /** Where it is plugged in, for people and for IT; empty where nothing is known. */
  readonly place: (identity: DeviceIdentityView) => string;
}

/** The role that a device id is, where it is one. */
export function roleOf(deviceId: string): DeviceRole | undefined {
  return DEVICE_ROLES.find((role) => role === deviceId);
}

/** Names in the language of the screen. */
export function useDeviceNames(): DeviceNames {
  const { t } = useLanguage();
  return {
    device(deviceId) {
      const role = roleOf(deviceId);
      return role === undefined ? deviceId : t(`devicePage.role.${role}`);
    },
    found({ maker, name, identity }) {
      const named = [maker, name].filter((part) => part !== undefined && part !== '').join(' ');
      const { vid, pid, path } = identity;
      if (named !== '') return named;
      return vid === undefined
        ? t('devicePage.ownPort', { path: path ?? '' })
        : t('devicePage.unnamed', { ids: `${vid}:${pid ?? ''}` });
    },
    symbology: (id) => (id === undefined ? t('devicePage.unknownKind') : (SYMBOLOGIES[id] ?? id)),
    knownBy({ serial, portPath }) {
      if (portPath !== undefined) return t('devicePage.boundSocket', { socket: portPath });
      if (serial !== undefined) return t('devicePage.boundSerial', { serial });
      return t('devicePage.boundModel');
    },
    place({ portPath, path }) {
      const parts = [
        ...(portPath === undefined ? [] : [t('devicePage.socket', { socket: portPath })]),
        ...(path === undefined ? [] : [path]),
      ];
      return parts.join(' · ');
    },
  };
}
