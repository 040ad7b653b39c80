import { describe, expect, test } from 'vitest';
import { createSystemSealer } from '../../../ui/shell/system-sealing.ts';
import { fakeSafeStorage } from '../../support/electron/fake-electron.ts';

const open = (backend: string, platform: NodeJS.Platform, available = true) =>
  createSystemSealer(fakeSafeStorage(backend, available) as never, platform);

describe('how well the system keeps a secret', () => {
  test.each(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'])(
    'a Linux keyring (%s) counts',
    async (backend) => {
      expect(await open(backend, 'linux').judge()).toEqual({ kind: 'system-store', backend });
    },
  );

  test.each(['basic_text', 'unknown'])(
    'a password that stands in the program (%s) counts as none, and says so',
    async (backend) => {
      const sealing = await open(backend, 'linux').judge();
      expect(sealing).toMatchObject({
        kind: 'none',
        reason: { en: expect.stringContaining(backend) },
      });
    },
  );

  test('a keyring that is locked counts as none, until it is open', async () => {
    const storage = fakeSafeStorage('gnome_libsecret', false);
    const sealer = createSystemSealer(storage as never, 'linux');
    expect((await sealer.judge()).kind).toBe('none');
    storage.isAsyncEncryptionAvailable = async () => true;
    expect((await sealer.judge()).kind).toBe('system-store');
  });

  test('Windows and macOS have a store of their own', async () => {
    expect(await open('', 'win32').judge()).toEqual({ kind: 'system-store', backend: 'dpapi' });
    expect(await open('', 'darwin').judge()).toMatchObject({ backend: 'keychain' });
    expect((await open('', 'freebsd').judge()).kind).toBe('none');
  });
});

test('what is sealed is not the secret, and opens again', async () => {
  const sealer = open('kwallet6', 'linux');
  const sealed = await sealer.seal('5ec7e7');
  expect(Buffer.from(sealed, 'base64').toString()).not.toContain('5ec7e7');
  expect(await sealer.unseal(sealed)).toBe('5ec7e7');
  await expect(sealer.unseal('AAAA')).rejects.toThrow('not sealed here');
});
