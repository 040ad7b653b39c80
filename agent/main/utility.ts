/** Process entry of the agent under the desktop shell, as a utility process. */
import process from 'node:process';
import { parentPortOf } from '../../drivers/utility-port.ts';
import { runAgent } from './run-agent.ts';

runAgent(parentPortOf(process), (code) => process.exit(code));
