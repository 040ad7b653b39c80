import { readFileSync } from 'node:fs';

/** One script of package.json with the help that its command carries; `help` is null when missing. */
export interface ScriptHelp {
  readonly name: string;
  readonly command: string;
  readonly help: string | null;
}

const wrapped = /^node scripts\/run\.ts "([^"]+)" (.+)$/;

/** Reads the scripts of a package.json file, in the order in which it lists them. */
export function readScriptHelp(packageFile: string | URL): ScriptHelp[] {
  const { scripts } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
    scripts: Record<string, string>;
  };
  return Object.entries(scripts).map(([name, command]) => {
    const match = wrapped.exec(command);
    return { name, command: match?.[2] ?? command, help: match?.[1] ?? null };
  });
}
