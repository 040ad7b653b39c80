import type { SafeStorage } from 'electron';
import type { Sealing } from '../../agent/contract/shell-message.ts';
import { text } from '../../agent/contract/text.ts';

type Storage = Pick<
  SafeStorage,
  | 'isAsyncEncryptionAvailable'
  | 'getSelectedStorageBackend'
  | 'encryptStringAsync'
  | 'decryptStringAsync'
>;

/** Seals secrets with the system's key store. Failures throw with the system's words. */
export interface SystemSealer {
  /** How well this system keeps a secret at this moment; a keyring may be locked now and open later. */
  judge(): Promise<Sealing>;
  seal(secret: string): Promise<string>;
  unseal(sealed: string): Promise<string>;
}

/**
 * The system's key store. On Linux without a keyring Electron would "encrypt" under a password
 * that stands in its source (`basic_text`): that counts as none, and the reason is told.
 * Ask it after the program is ready.
 */
export function createSystemSealer(storage: Storage, platform: NodeJS.Platform): SystemSealer {
  return {
    judge: () => judge(storage, platform),
    seal: async (secret) => (await storage.encryptStringAsync(secret)).toString('base64'),
    unseal: async (sealed) =>
      (await storage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result,
  };
}

async function judge(storage: Storage, platform: NodeJS.Platform): Promise<Sealing> {
  const backend = platform === 'linux' ? storage.getSelectedStorageBackend() : BACKENDS[platform];
  if (backend === undefined || backend === 'unknown' || backend === 'basic_text') {
    return {
      kind: 'none',
      reason: text(
        `此系统没有可用的密钥环（${backend ?? platform}）`,
        `This system has no keyring to use (${backend ?? platform})`,
      ),
    };
  }
  if (await storage.isAsyncEncryptionAvailable()) return { kind: 'system-store', backend };
  return {
    kind: 'none',
    reason: text(
      `系统密钥存储 ${backend} 无法使用或未解锁`,
      `The system's key store ${backend} cannot be used or is locked`,
    ),
  };
}

const BACKENDS: Partial<Record<NodeJS.Platform, string>> = { win32: 'dpapi', darwin: 'keychain' };
