/** Prints every command of package.json with its line of help. */
import { readScriptHelp } from './script-help.ts';

const scripts = readScriptHelp(new URL('../package.json', import.meta.url));
const width = Math.max(...scripts.map(({ name }) => name.length));

for (const { name, command, help } of scripts) {
  process.stdout.write(`npm run ${name.padEnd(width)}  ${help ?? command}\n`);
}
process.stdout.write('\nArguments follow two dashes: npm run till -- doctor --json\n');
