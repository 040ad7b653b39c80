import type { SyncReason } from './sync-view.ts';
import { text } from './text.ts';

/** Why headquarters is out of reach, and what a person can do about it. */
export const OFFLINE_TEXTS = {
  starting: {
    text: text('正在连接总部', 'Connecting to headquarters'),
    remedy: text('请稍候', 'Wait a moment'),
  },
  network: {
    text: text('网络不通或总部服务未开启', 'No network, or headquarters is not running'),
    remedy: text(
      '检查网线、路由器和总部地址',
      'Check cable, router and the address of headquarters',
    ),
  },
  'timed-out': {
    text: text('总部没有及时应答', 'Headquarters does not answer in time'),
    remedy: text(
      '检查网络是否过慢或被防火墙拦截',
      'Check for a slow line or a firewall in between',
    ),
  },
  'captive-portal': {
    text: text(
      '网络要求先登录（出现了网页登录页）',
      'The network asks for a sign-in on a web page first',
    ),
    remedy: text(
      '在这台机器的浏览器里完成上网登录',
      'Sign in to the network in a browser on this machine',
    ),
  },
  'certificate-expired': {
    text: text(
      '总部的证书已过期，或本机时钟不准',
      "Headquarters' certificate has expired, or this till's clock is wrong",
    ),
    remedy: text(
      '先核对本机时钟，再请信息部门更新证书',
      "Check this till's clock first, then ask IT to renew the certificate",
    ),
  },
  'certificate-untrusted': {
    text: text(
      '对方出示的证书不是总部的',
      'What answered does not hold the certificate of headquarters',
    ),
    remedy: text(
      '检查代理和总部地址；若有人截取连接或总部更换了证书机构，请联系信息部门，更换后需重新注册',
      'Check the proxy and the address; somebody may intercept the line, or the authority was replaced: ask IT; after a replacement register again',
    ),
  },
  'clock-wrong': {
    text: text(
      '本机时钟不准，无法核对总部的证书',
      "This till's clock is wrong, so headquarters' certificate cannot be checked",
    ),
    remedy: text('把系统时间调准', 'Set the system clock right'),
  },
  'server-error': {
    text: text('总部服务出错或繁忙', 'Headquarters is busy or broken'),
    remedy: text('请稍候；若持续请联系信息部门', 'Wait a moment; if it stays, call IT'),
  },
  'wrong-answer': {
    text: text('应答的不是总部，或版本不符', 'What answers is not headquarters, or does not fit'),
    remedy: text(
      '检查总部地址、代理和版本；若持续请联系信息部门',
      'Check the address, the proxy and the versions; if it stays, call IT',
    ),
  },
} as const satisfies Record<string, Pick<SyncReason, 'text' | 'remedy'>>;
