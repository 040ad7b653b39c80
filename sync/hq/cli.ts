import { Command } from 'commander';
import { registerAccuracy } from './commands/accuracy.ts';
import { registerBackup } from './commands/backup.ts';
import { registerExceptions } from './commands/exceptions.ts';
import { registerFace } from './commands/face.ts';
import type { HqSystem } from './commands/hq-system.ts';
import { registerImport } from './commands/import.ts';
import { EXIT } from './commands/io.ts';
import { registerPass } from './commands/pass.ts';
import { registerPublish } from './commands/publish.ts';
import { registerRestored } from './commands/restored.ts';
import { registerRevoke } from './commands/revoke.ts';
import { registerRows } from './commands/rows.ts';
import { registerRun } from './commands/run.ts';
import { registerSeed } from './commands/seed.ts';
import { registerSetting } from './commands/setting.ts';
import { registerTicket } from './commands/ticket.ts';
import { registerTiers } from './commands/tiers.ts';
import { registerTills } from './commands/tills.ts';
import { registerToken } from './commands/token.ts';
import { registerVerify } from './commands/verify.ts';
import { registerWallet } from './commands/wallet.ts';

/** Every command of headquarters; a further one is a file beside these and a line here. */
const COMMANDS: readonly ((program: Command, system: HqSystem) => void)[] = [
  registerRun,
  registerTicket,
  registerTills,
  registerTiers,
  registerRevoke,
  registerToken,
  registerImport,
  registerPublish,
  registerSeed,
  registerSetting,
  registerBackup,
  registerRestored,
  registerAccuracy,
  registerExceptions,
  registerVerify,
  registerRows,
  registerPass,
  registerWallet,
  registerFace,
];

/** The operator's tool of headquarters: exit 0 ok, 1 found problems, 2 usage or input error. */
export function createHqProgram(system: HqSystem): Command {
  const program = new Command('hq')
    .description('Tillside headquarters: run it and look after it. Each command takes --json.')
    .version(system.version)
    .showHelpAfterError()
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
    });
  for (const register of COMMANDS) register(program, system);
  return program;
}
