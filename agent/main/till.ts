import { Command } from 'commander';
import { registerAgentCommands } from './commands/agent.ts';
import { registerBarcode } from './commands/barcode.ts';
import { registerCredential } from './commands/credential.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerFace } from './commands/face.ts';
import { registerHq } from './commands/hq.ts';
import { EXIT } from './commands/io.ts';
import { registerLoad } from './commands/load.ts';
import { registerRegister } from './commands/register.ts';
import { registerReplay } from './commands/replay.ts';
import { registerRules } from './commands/rules.ts';
import { registerRun } from './commands/run.ts';
import { registerSalvage } from './commands/salvage.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerSync } from './commands/sync.ts';
import { registerVoucher } from './commands/voucher.ts';
import { programVersion } from './headless.ts';

/** The operator's tool: exit 0 ok, 1 found problems, 2 usage or input error. */
const program = new Command('till')
  .description('Tillside: run and look after a till. Each command takes --json.')
  .version(programVersion())
  .showHelpAfterError()
  .enablePositionalOptions()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
  });
registerRun(program);
registerLoad(program);
registerAgentCommands(program);
registerDoctor(program);
registerRules(program);
registerBarcode(program);
registerFace(program);
registerReplay(program);
registerHq(program);
registerRegister(program);
registerSync(program);
registerSimulate(program);
registerSalvage(program);
registerVoucher(program);
registerCredential(program);
await program.parseAsync();
