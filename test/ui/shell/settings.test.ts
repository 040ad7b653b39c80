import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setAutoStart } from '../../../ui/shell/auto-start.ts';
import { defaultDataDir, settingsFile, tillSettingsFile } from '../../../ui/shell/folders.ts';
import { loadSettings, SETTINGS_MAX_BYTES } from '../../../ui/shell/settings.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillside-settings-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function load(content: string) {
  writeFileSync(settingsFile(root), content);
  return loadSettings(settingsFile(root));
}

describe('the settings of the window', () => {
  const defaults = {
    kiosk: false,
    autoStart: false,
    screen: 'cashier',
    display: 0,
    customerScreen: true,
    faceCamera: false,
  };

  test('have defaults, with a file and without', () => {
    expect(loadSettings(settingsFile(root))).toEqual({ ok: true, value: defaults });
    expect(load('{ "kiosk": true }')).toEqual({ ok: true, value: { ...defaults, kiosk: true } });
  });

  test.each([
    ['{ "screen": "hq" }', 'screen'],
    ['{ "display": -1 }', 'display'],
    ['{ "display": 16 }', 'display'],
    ['{ "autoStart": 1 }', 'autoStart'],
    ['{ "customerScreen": "left" }', 'customerScreen'],
    ['{ "kiosks": true }', 'kiosks'],
  ])('%s is refused by the name of the field', (content, field) => {
    const loaded = load(content);
    expect(loaded).toMatchObject({
      ok: false,
      error: {
        code: 'shell-settings-invalid',
        message: { en: `The setting ${field} of the window is wrong` },
        remedy: { en: expect.stringContaining(settingsFile(root)) },
      },
    });
  });

  test.each(['{', '', '\0'])('%j is refused as no JSON', (content) => {
    expect(load(content)).toMatchObject({ error: { code: 'shell-settings-unreadable' } });
  });

  test('may be so long and no longer', () => {
    const fill = (bytes: number) => `{}${' '.repeat(bytes - 2)}`;
    expect(load(fill(SETTINGS_MAX_BYTES)).ok).toBe(true);
    expect(load(fill(SETTINGS_MAX_BYTES + 1)).ok).toBe(false);
  });

  test("name the till's settings file, or find it beside them", () => {
    expect(tillSettingsFile(root, {})).toBeUndefined();
    writeFileSync(join(root, 'till.json'), '{}');
    expect(tillSettingsFile(root, {})).toBe(join(root, 'till.json'));
    expect(tillSettingsFile(root, { tillSettings: '/etc/till.json' })).toBe('/etc/till.json');
  });
});

test("the till's data lies where no roaming profile copies it about", () => {
  const account = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
    defaultDataDir({ platform, env, homeDir: '/home/till' }).replaceAll('\\', '/');
  expect(account('linux')).toBe('/home/till/.local/share/tillside/till');
  expect(account('linux', { XDG_DATA_HOME: '/data' })).toBe('/data/tillside/till');
  expect(account('linux', { XDG_DATA_HOME: 'relative' })).toContain('/home/till/');
  expect(account('win32', { LOCALAPPDATA: 'C:/L' })).toBe('C:/L/Tillside/till');
});

describe('starting when the account signs in', () => {
  const entry = () => join(root, 'autostart', 'tillside.desktop');
  const linux = (env: Record<string, string> = {}) =>
    ({ platform: 'linux', env: { XDG_CONFIG_HOME: root, ...env }, homeDir: '/nowhere' }) as const;
  const noApp = { setLoginItemSettings: () => expect.unreachable() };

  test('is a login item on Windows', () => {
    const given: unknown[] = [];
    const app = { setLoginItemSettings: (settings: unknown) => void given.push(settings) };
    const windows = { platform: 'win32', env: {}, homeDir: '' } as const;
    setAutoStart(app, windows, 'C:/till.exe', true);
    setAutoStart(app, windows, 'C:/till.exe', false);
    expect(given).toEqual([{ openAtLogin: true }, { openAtLogin: false }]);
  });

  test('is an autostart entry on Linux, quoted, and gone when switched off', () => {
    setAutoStart(noApp, linux(), '/opt/My "Till"/100%/tillside', true);
    expect(readFileSync(entry(), 'utf8').split('\n')).toContain(
      'Exec="/opt/My \\\\"Till\\\\"/100%%/tillside"',
    );
    setAutoStart(noApp, linux(), '/opt/tillside', false);
    expect(existsSync(entry())).toBe(false);
    setAutoStart(noApp, linux(), '/opt/tillside', false);
  });

  test('starts the AppImage and not what lies unpacked for this run', () => {
    mkdirSync(join(root, 'autostart'));
    setAutoStart(noApp, linux({ APPIMAGE: '/home/till/T.AppImage' }), '/tmp/.mount/tillside', true);
    expect(readFileSync(entry(), 'utf8')).toContain('Exec="/home/till/T.AppImage"');
  });
});
