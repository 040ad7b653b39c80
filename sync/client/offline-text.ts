import { type Text, text } from '../../agent/contract/text.ts';
import type { OfflineReason } from './ports.ts';

/** Why headquarters cannot be reached and what to do, for people. */
export const OFFLINE_TEXTS: Readonly<
  Record<OfflineReason, { readonly message: Text; readonly hint: Text }>
> = {
  starting: {
    message: text('正在连接总部', 'Headquarters is being contacted'),
    hint: text('请稍候', 'Wait a moment'),
  },
  network: {
    message: text('网络不通，无法连接总部', 'The network does not reach headquarters'),
    hint: text('检查网线、路由器和总部地址', 'Check the cable, the router and the address'),
  },
  'timed-out': {
    message: text('总部没有及时应答', 'Headquarters does not answer in time'),
    hint: text('检查网络是否过慢或被防火墙拦截', 'Check for a slow line or a firewall in between'),
  },
  'captive-portal': {
    message: text(
      '应答的是上网认证页面，不是总部',
      'A sign-in page of the network answers in place of headquarters',
    ),
    hint: text('先在浏览器中完成上网认证', 'Sign in to the network in a browser first'),
  },
  'certificate-expired': {
    message: text('总部的证书已过期', 'The certificate of headquarters has run out'),
    hint: text(
      '请信息部门更新总部证书；若本机时间不对，先校准时间',
      'Ask IT to renew it; if this machine shows a wrong time, put that right first',
    ),
  },
  'certificate-untrusted': {
    message: text(
      '对方的证书不是由本机信任的总部证书机构签发',
      'The certificate shown is not signed by the authority that this till trusts',
    ),
    hint: text(
      '可能有人截取连接，或总部更换了证书机构：请联系信息部门',
      'Somebody may be intercepting the line, or the authority was replaced: ask IT',
    ),
  },
  'clock-wrong': {
    message: text(
      '本机时间不对，无法核验总部证书',
      'The clock of this machine is wrong, so the certificate cannot be checked',
    ),
    hint: text('校准本机日期和时间', 'Put date and time of this machine right'),
  },
  'server-error': {
    message: text('总部出错或繁忙', 'Headquarters is busy or broken'),
    hint: text('稍候会自动重试', 'It is tried again by itself'),
  },
  'wrong-answer': {
    message: text(
      '应答的不是总部，或版本不符',
      'What answers is not headquarters, or does not fit',
    ),
    hint: text('检查总部地址与版本', 'Check the address and the versions'),
  },
};
