import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { err, ok, type Result, type Text, text } from '../contract/index.ts';

/** Why the local API could not begin to listen, and what to do about it. */
export interface ListenFailure {
  readonly code: 'port-in-use' | 'port-forbidden' | 'address-missing';
  readonly port: number;
  readonly message: Text;
  readonly remedy: Text;
}

/**
 * Listens at one loopback address.
 * @param port 0 = any free one
 * @returns the port
 */
export function listen(
  server: Server,
  address: '127.0.0.1' | '::1',
  port: number,
): Promise<Result<number, ListenFailure>> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      const known = explain(error.code, address, port);
      if (known === undefined) reject(error);
      else resolve(err(known));
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(ok((server.address() as AddressInfo).port));
    };
    server.once('error', onError);
    server.once('listening', onListening);
    // Exclusive: a second till must never share the port of the first and take half of its requests.
    server.listen({ host: address, port, exclusive: true, ipv6Only: address === '::1' });
  });
}

function explain(
  code: string | undefined,
  address: string,
  port: number,
): ListenFailure | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'port-in-use',
        port,
        message: text(
          `端口 ${port} 已被其他程序占用`,
          `Port ${port} of ${address} is taken by another program`,
        ),
        remedy: text(
          '关闭那个程序，或用 --port 换一个端口',
          'Close that program, or choose another port with --port',
        ),
      };
    case 'EACCES':
      return {
        code: 'port-forbidden',
        port,
        message: text(`没有权限使用端口 ${port}`, `This account may not use port ${port}`),
        remedy: text('用 --port 选择 1024 以上的端口', 'Choose a port above 1023 with --port'),
      };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return {
        code: 'address-missing',
        port,
        message: text(`本机没有地址 ${address}`, `This machine has no address ${address}`),
        remedy: text('关闭 IPv6 选项', 'Turn the IPv6 option off'),
      };
    default:
      return undefined;
  }
}
