import { type Text, text } from '../../agent/contract/text.ts';

/** Why HQ did not start, and what to do. */
export interface HqStartError {
  readonly code: string;
  readonly message: Text;
  readonly remedy: Text;
  readonly detail?: string;
}

/** Plain HTTP would show sessions and members to everybody on the way. */
export function plainHttpRefused(host: string): HqStartError {
  return {
    code: 'plain-http-refused',
    message: text(
      '不加密的 HTTP 只能用于本机地址',
      'HTTP without TLS is for the loopback address only',
    ),
    remedy: text(
      '去掉 --http，或用 --host 127.0.0.1',
      'Leave --http out, or listen with --host 127.0.0.1',
    ),
    detail: host,
  };
}

/** Why a port could not be listened at; `undefined` where the reason is none of those known. */
export function listenError(
  code: string | undefined,
  host: string,
  port: number,
): HqStartError | undefined {
  const detail = `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'port-in-use',
        message: text(`端口 ${port} 已被其他程序占用`, `Port ${port} is taken by another program`),
        remedy: text(
          '关闭那个程序，或用 --port 换一个端口',
          'Close that program, or choose another port with --port',
        ),
        detail,
      };
    case 'EACCES':
      return {
        code: 'port-forbidden',
        message: text(`没有权限使用端口 ${port}`, `This account may not use port ${port}`),
        remedy: text('用 --port 选择 1024 以上的端口', 'Choose a port above 1023 with --port'),
        detail,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAFNOSUPPORT':
      return {
        code: 'address-missing',
        message: text(`本机没有地址 ${host}`, `This machine has no address ${host}`),
        remedy: text('用 --host 指定本机的地址', 'Name an address of this machine with --host'),
        detail,
      };
    default:
      return undefined;
  }
}
