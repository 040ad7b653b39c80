import type { SyncFacts, SyncStop, SyncTrouble } from '../../sync/client/ports.ts';
import {
  OFFLINE_TEXTS,
  type SyncReason,
  type SyncTroubleView,
  type Text,
  text,
  toInstant,
} from '../contract/index.ts';

type Words = Pick<SyncReason, 'text' | 'remedy'>;

const STOPPED: Readonly<Record<SyncStop, Words>> = {
  'till-revoked': {
    text: text('总部已停用这台收银台', 'Headquarters has revoked this till'),
    remedy: text(
      '请信息部门用新的注册凭条重新注册',
      'Ask IT to register it again with a fresh ticket',
    ),
  },
  'till-copied': {
    text: text('这台收银台的数据文件夹被复制过', "This till's data folder was copied"),
    remedy: text(
      '停用其中一份，另一份重新注册',
      'Take one of the copies out of service and register the other again',
    ),
  },
  'till-unknown': {
    text: text('总部没有登记这台收银台', 'Headquarters does not know this till'),
    remedy: text('用新的注册凭条重新注册', 'Register it with a fresh ticket'),
  },
  'till-replaced': {
    text: text(
      '这台收银台已重新注册，本机的注册不再有效',
      'This till was registered anew elsewhere, and the registration here counts no more',
    ),
    remedy: text(
      '若此机应继续使用，请用新的注册凭条重新注册；否则停用此机',
      'If this machine is to stay in service, register it again with a fresh ticket; else take it out of service',
    ),
  },
  'ledger-forked': {
    text: text(
      '本机台账与总部所存的不是同一条链',
      "This till's ledger is not the one that headquarters holds",
    ),
    remedy: text(
      '复制数据文件夹并联系技术支持；不要删除任何文件',
      'Copy the data folder and call support; delete nothing',
    ),
  },
  'incarnation-unknown': {
    text: text(
      '本机数据库是恢复或新建的，总部还不认识',
      'This database was restored or made anew, and headquarters does not know it yet',
    ),
    remedy: text('用新的注册凭条重新注册', 'Register it with a fresh ticket'),
  },
  'protocol-unsupported': {
    text: text(
      '本机版本与总部不兼容；收银不受影响，数据留在本机等待上传',
      'The versions of this till and of headquarters do not fit; selling goes on, and what it books waits here',
    ),
    remedy: text('先升级总部，再升级收银机', 'Update headquarters first, then the tills'),
  },
};

const TROUBLES: Readonly<Record<SyncTrouble['code'], Words>> = {
  'storage-failed': {
    text: text(
      '磁盘已满或出错，总部下发的内容和回执都存不了',
      'The disk is full or fails, so nothing that headquarters sends or confirms can be kept',
    ),
    remedy: text('清理磁盘；之后自动继续', 'Free disk space; it goes on by itself then'),
  },
  'sync-broken': {
    text: text(
      '同步的一部分出错，正在重新开始；收银不受影响',
      'A part of sync broke and begins again; selling goes on',
    ),
    remedy: text(
      '若持续，请把日志交给技术支持；不要删除任何文件',
      'If it stays, give the log to support; delete nothing',
    ),
  },
  'document-refused': {
    text: text(
      '总部的一份规则或策略未能安装，继续使用现有的',
      'A rule set or policy of headquarters was not installed; the one in force stays',
    ),
    remedy: text(
      '请总部核对签名、币种和版本后重新发布',
      'Ask headquarters to check signature, currency and version and to publish again',
    ),
  },
  'upload-refused': {
    text: text(
      '总部拒绝了一条上传内容，它和之后的都在等待',
      'Headquarters refuses an item of this till; it and what follows wait',
    ),
    remedy: text('请联系技术支持；不要删除任何文件', 'Call support; delete nothing'),
  },
  'receipt-refused': {
    text: text('总部的回执与本机不符', 'A receipt of headquarters does not fit this till'),
    remedy: text('请联系技术支持；不要删除任何文件', 'Call support; delete nothing'),
  },
  'page-refused': {
    text: text('收到的数据页在途中损坏', 'Pages of headquarters arrive damaged'),
    remedy: text(
      '检查网络和代理；收银台会自动重试',
      'Check network and proxy; the till tries again by itself',
    ),
  },
  'row-refused': {
    text: text(
      '总部有一些记录本版本读不懂',
      'Headquarters sends records that this version cannot read',
    ),
    remedy: text('升级本机程序', 'Update the program of this till'),
  },
};

/** What a person should know of although sync goes on. */
export function syncTroubles(facts: SyncFacts): SyncTroubleView[] {
  return (facts.troubles ?? []).map(({ code, detail, sinceMs }) => ({
    code,
    ...TROUBLES[code],
    detail,
    since: toInstant(sinceMs),
  }));
}

/** Out of reach, unlike stopped, a till goes on trying. */
function andByItself(remedy: Text): Text {
  return text(
    `${remedy['zh-CN']}；收银台会自动重试`,
    `${remedy.en}; the till tries again by itself`,
  );
}

/** Why the till is not online; nothing where it is, or has no headquarters. */
export function syncReason(facts: SyncFacts): SyncReason | null {
  if (facts.state === 'stopped' && facts.stopped !== undefined)
    return { code: facts.stopped, ...STOPPED[facts.stopped] };
  if (facts.state !== 'offline') return null;
  const code = facts.offlineReason ?? 'network';
  const { text: why, remedy } = OFFLINE_TEXTS[code];
  return { code, text: why, remedy: andByItself(remedy) };
}

const WORKS_ALWAYS: readonly Text[] = [
  text('会员识别、权益计算', 'Identifying members and working out benefits'),
  text('结账、作废、本机销售的退货', 'Sales, voids, and returns of sales of this till'),
  text('赚取积分；入账后自动上传', 'Earning points; what is booked goes up by itself later'),
];
const NEEDS_HEADQUARTERS: readonly Text[] = [
  text('使用积分和单次券', 'Spending points and single-use coupons'),
  text('查找本机没有的会员', 'Finding members that this till does not know'),
  text('规则、会员和员工的更新', 'Changes of rules, members and staff'),
];

/** What goes on and what waits, by the state of the connection. */
export function worksAndWaits(state: SyncFacts['state']): {
  readonly works: readonly Text[];
  readonly waits: readonly Text[];
} {
  switch (state) {
    case 'online':
      return { works: [...WORKS_ALWAYS, ...NEEDS_HEADQUARTERS], waits: [] };
    case 'not-configured':
      return { works: WORKS_ALWAYS, waits: [] };
    case 'offline':
    case 'stopped':
      return { works: WORKS_ALWAYS, waits: NEEDS_HEADQUARTERS };
  }
}
