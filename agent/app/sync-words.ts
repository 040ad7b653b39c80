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
      '先在其中一份上重新注册，等它的账目全部上传，再停用；然后在要继续使用的那一份上重新注册。两份的销售都不会丢',
      'Register one of the copies again, wait until nothing of it waits, and take it out of service; then register the one that stays. No sale of either is lost',
    ),
  },
  'till-unknown': {
    text: text('总部没有登记这台收银台', 'Headquarters does not know this till'),
    remedy: text('用新的注册凭条重新注册', 'Register it with a fresh ticket'),
  },
  'till-replaced': {
    text: text(
      '这台收银台已重新注册，或总部恢复到了本机注册之前的备份；本机的注册不再有效',
      'This till was registered anew elsewhere, or headquarters went back to a backup from before; the registration here counts no more',
    ),
    remedy: text(
      '此机未上传的销售只在本机：用新的注册凭条重新注册，等全部上传后再停用，或继续使用此机',
      'What this machine has not sent lies here alone: register it again with a fresh ticket, wait until nothing waits, then take it out of service or keep it',
    ),
  },
  'ledger-forked': {
    text: text(
      '本机台账与总部所存的不是同一条链',
      "This till's ledger is not the one that headquarters holds",
    ),
    remedy: text(
      '通常是恢复了旧的磁盘映像：重新启动收银台，它会以新的编号继续并补传未上传的销售；若仍如此，请联系技术支持，不要删除任何文件',
      'As a rule an older image of the disk was brought back: start the till again, and it goes on under a fresh number and sends what waits; if that does not help call support and delete nothing',
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
  'ledger-damaged': {
    text: text(
      '本机有账目损坏；总部持有的账目完好',
      "Entries of this till's ledger are damaged; what headquarters holds of them stands",
    ),
    remedy: text(
      '不要删除任何文件，联系信息部门检查本机硬盘',
      'Delete nothing; ask IT to look at the disk of this till',
    ),
  },
  'drift-large': {
    text: text(
      '本机与总部的数据差异过多：缺少或过时的由旁边下载的完整副本补齐，总部没有的保留不动；收银不受影响',
      'Much of what this till holds differs from headquarters: a whole copy fetched beside brings what is missing or out of date, what headquarters does not have stays, and selling goes on',
    ),
    remedy: text(
      '等待下载完成；若提示仍在，请信息部门先确认总部没有丢失数据，再运行 till sync verify --deep，清除总部没有的数据；清除后仍在，请检查本机硬盘',
      "Wait for the copy; if this stays, ask IT to make sure that headquarters lost nothing and then to run till sync verify --deep, which removes what headquarters does not have; if it stays after that, to look at this till's disk",
    ),
  },
  'drift-stays': {
    text: text(
      '有记录修复后再次与总部不同',
      'Rows differ from headquarters again although they were repaired',
    ),
    remedy: text(
      '请联系技术支持：两边的内容已保存在本机，可供查看',
      'Call support: what both sides hold is kept here to be looked at',
    ),
  },
  'ledger-lost': {
    text: text(
      '总部缺少它已签收的账目，而本机已无法补传',
      'Headquarters does not hold entries that it signed for, and this till can no longer send them',
    ),
    remedy: text(
      '请信息部门从总部的备份中恢复；不要删除任何文件',
      'Ask IT to bring them back from a backup of headquarters; delete nothing',
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

/** What a cashier is told of, the gravest first; everything else is for the sync page. */
const CASHIER_WARNINGS: readonly (readonly [SyncTrouble['code'], Text])[] = [
  [
    'ledger-damaged',
    text(
      '本机有账目损坏，请通知信息部门；照常收银',
      'Entries stored at this till are damaged: tell IT. Selling goes on',
    ),
  ],
  [
    'ledger-lost',
    text(
      '总部缺少本机的账目，请通知信息部门；照常收银',
      'Headquarters lacks entries of this till: tell IT. Selling goes on',
    ),
  ],
  [
    'drift-stays',
    text(
      '本机有几条数据总是与总部不同，请通知信息部门；照常收银',
      'A few rows here differ from headquarters again and again: tell IT. Selling goes on',
    ),
  ],
  [
    'drift-large',
    text(
      '本机有较多数据与总部不同，若提示一直在，请通知信息部门；照常收银',
      'Much of the data here differs from headquarters: where this stays, tell IT. Selling goes on',
    ),
  ],
];

/** The one sentence on a till's data for whoever sells at it; `undefined` = there is nothing to say. */
export function cashierWarning({ troubles = [] }: Pick<SyncFacts, 'troubles'>): Text | undefined {
  const found = CASHIER_WARNINGS.find(([code]) => troubles.some((one) => one.code === code));
  return found?.[1];
}

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
