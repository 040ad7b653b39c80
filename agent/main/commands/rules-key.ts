import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { keyIdOf } from '../../../sync/protocol/signed-document.ts';
import { text } from '../../contract/index.ts';
import { type CommonOptions, complain, print, withJsonOption } from './io.ts';

/** Adds `rules key`: makes the key that signs a chain's rules. */
export function registerRulesKey(rules: Command): void {
  withJsonOption(
    rules
      .command('key')
      .description("make the chain's signing key and print what the settings of its tills trust"),
  )
    .argument('<file>', 'where to write the private key (PEM); an existing file is never replaced')
    .action(makeKey);
}

function makeKey(file: string, { json }: CommonOptions): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), {
      mode: 0o600,
      flag: 'wx',
    });
  } catch (cause) {
    return complain(json, {
      code: 'not-written',
      message: text(`无法写入：${file}`, `Cannot be written: ${file}`),
      remedy: text(
        '换一个文件名；已有的密钥不会被覆盖',
        'Choose another file; a key that exists is never replaced',
      ),
      detail: cause instanceof Error ? cause.message : String(cause),
    });
  }
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const trusted = { keyId: keyIdOf(privateKey), publicKey: publicKey.toString('base64') };
  print(json, { written: file, trustedKeys: [trusted] }, () =>
    [
      `${file}: keep it where only those who publish rules can read it`,
      'settings of every till:',
      `"trustedKeys": [${JSON.stringify(trusted)}]`,
    ].join('\n'),
  );
}
