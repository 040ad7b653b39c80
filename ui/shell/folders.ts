import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS_FILE, type ShellSettings } from './settings.ts';

/** What the folders of an account depend on. */
export interface Account {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}

/**
 * Where the till's data lies unless told otherwise: the account's folder for data of this machine, which no roaming
 * profile copies about. `%LOCALAPPDATA%` on Windows, `$XDG_DATA_HOME` or `~/.local/share` elsewhere.
 */
export function defaultDataDir({ platform, env, homeDir }: Account): string {
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homeDir, 'AppData', 'Local'), 'Tillside', 'till');
  const data = env['XDG_DATA_HOME']?.startsWith('/')
    ? env['XDG_DATA_HOME']
    : join(homeDir, '.local', 'share');
  return join(data, 'tillside', 'till');
}

export function settingsFile(configDir: string): string {
  return join(configDir, SETTINGS_FILE);
}

/** The till's settings file: the one that is named, else `till.json` beside the shell's, where it exists. */
export function tillSettingsFile(
  configDir: string,
  settings: Pick<ShellSettings, 'tillSettings'>,
): string | undefined {
  const beside = join(configDir, 'till.json');
  return settings.tillSettings ?? (existsSync(beside) ? beside : undefined);
}
