import { err, type Result, type Text, text } from '../../../agent/contract/index.ts';

/** Why HQ cannot use its keys, and what to do. */
export interface KeysError {
  readonly code:
    | 'keys-not-private'
    | 'keys-unreadable'
    | 'keys-not-written'
    | 'certificate-unreadable'
    | 'certificate-key-differs'
    | 'certificate-not-by-authority'
    | 'certificate-expired'
    | 'certificate-not-yet-valid'
    | 'certificate-other-host';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

const ADVICE: Readonly<Record<KeysError['code'], { message: Text; remedy: Text }>> = {
  'keys-not-private': {
    message: text(
      '其他用户可以读取总部的密钥',
      "Other users of this machine may read headquarters' keys",
    ),
    remedy: text(
      '文件夹设为 700，其中的文件设为 600（chmod）',
      'Give the folder the mode 700 and its files 600 (chmod)',
    ),
  },
  'keys-unreadable': {
    message: text(
      '总部的密钥无法读取或内容不对',
      "Headquarters' keys cannot be read or are no keys",
    ),
    remedy: text(
      '从备份恢复密钥文件夹；新的密钥会使所有收银机必须重新注册',
      'Restore the keys folder from its backup; with other keys every till must register again',
    ),
  },
  'keys-not-written': {
    message: text('总部的密钥无法写入', "Headquarters' keys cannot be written"),
    remedy: text(
      '检查磁盘空间和密钥文件夹的写入权限',
      'Check disk space and the right to write in the keys folder',
    ),
  },
  'certificate-unreadable': {
    message: text('证书或其密钥无法读取', 'The certificate or its key cannot be read'),
    remedy: text(
      '检查 --cert、--key 和 --ca：每个都应是 PEM 文件',
      'Check --cert, --key and --ca: each is a PEM file',
    ),
  },
  'certificate-key-differs': {
    message: text('证书与密钥不匹配', 'The certificate and the key do not belong together'),
    remedy: text('检查 --cert 和 --key', 'Check --cert and --key'),
  },
  'certificate-not-by-authority': {
    message: text(
      '证书不是由给定的证书机构签发的',
      'The certificate was not signed by the given authority',
    ),
    remedy: text(
      '把签发证书的机构的证书给 --ca；中间证书放进 --cert 文件里',
      'Give --ca the certificate of the authority that signed it; put intermediate ones into the file of --cert',
    ),
  },
  'certificate-expired': {
    message: text(
      '证书已过期，收银机都会拒绝它',
      'The certificate has expired; every till would refuse it',
    ),
    remedy: text(
      '换上有效的证书；若本机时间不对，先校准时间',
      'Give one that is valid; if this machine shows a wrong time, put that right first',
    ),
  },
  'certificate-not-yet-valid': {
    message: text('证书尚未生效', 'The certificate is not valid yet'),
    remedy: text(
      '核对本机时间，或等证书生效',
      'Check the clock of this machine, or wait until it is valid',
    ),
  },
  'certificate-other-host': {
    message: text(
      '证书不是为收银机所用的总部地址签发的',
      'The certificate is for other names than the one by which tills find headquarters',
    ),
    remedy: text(
      '用 --hosts 或 --url 给出证书上的名称，或换一张证书',
      'Name the one on it with --hosts or --url, or give another certificate',
    ),
  },
};

/** A failure in the words for its code. */
export function keysError(
  code: KeysError['code'],
  path: string,
  cause?: unknown,
): Result<never, KeysError> {
  const detail = cause instanceof Error ? `${path}: ${cause.message}` : path;
  return err({ code, ...ADVICE[code], detail });
}
