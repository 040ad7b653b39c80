import type { Language, Text } from '../../agent/contract/text.ts';

/** Every sentence of the pass. `{name}` is filled in. */
export const WORDS = {
  title: { 'zh-CN': '会员凭证', en: 'Member pass' },
  /** Names the other language in its own words. */
  switchLanguage: { 'zh-CN': 'English', en: '中文' },
  starting: { 'zh-CN': '正在打开 …', en: 'Opening …' },
  insecure: {
    'zh-CN': '此页面需要安全连接（https）。请用收银台显示的网址打开。',
    en: 'This page needs a secure connection (https). Open it by the address that the till shows.',
  },
  noStorage: {
    'zh-CN': '浏览器不允许保存数据（例如无痕浏览）。请换用普通窗口或其他浏览器。',
    en: 'This browser keeps no data, as in a private window. Use an ordinary window or another browser.',
  },
  storageFull: {
    'zh-CN': '手机存储空间已满，无法保存会员凭证。请清理一些空间后再试。',
    en: 'This phone is full and can keep nothing more. Make some room, then try again.',
  },
  again: { 'zh-CN': '重试', en: 'Try again' },
  linkTitle: { 'zh-CN': '绑定会员凭证', en: 'Link your member pass' },
  linkHow: {
    'zh-CN': '请收银员为您出一个绑定码，扫描屏幕上的二维码，或在此输入绑定码。',
    en: 'Ask the cashier for a code. Scan it from the screen, or type it here.',
  },
  homeScreen: {
    'zh-CN':
      '请先用“分享 > 添加到主屏幕”，再从主屏幕打开本页并输入绑定码：一周不打开，Safari 会清除网页保存的数据。',
    en: 'First choose Share > Add to Home Screen, then open this page from there and type the code: Safari forgets pages that are not opened for a week.',
  },
  code: { 'zh-CN': '绑定码', en: 'Code' },
  codeForm: {
    'zh-CN': '绑定码是 12 位字母和数字，例如 7K3M-Q9XD-0TVA。',
    en: 'A code has 12 letters and digits, such as 7K3M-Q9XD-0TVA.',
  },
  link: { 'zh-CN': '同意并绑定', en: 'Agree and link' },
  linking: { 'zh-CN': '正在绑定 …', en: 'Linking …' },
  linkedAlready: {
    'zh-CN': '本机已有一张会员凭证。要绑定另一位会员，请先移除这一张。',
    en: 'This phone has a pass already. Remove it first to link another member.',
  },
  unreachable: {
    'zh-CN': '暂时连不上总部，请检查网络后再试。',
    en: 'Headquarters cannot be reached. Check the connection and try again.',
  },
  show: { 'zh-CN': '请向收银员出示', en: 'Show this at the till' },
  qrLabel: { 'zh-CN': '会员二维码，每 30 秒更新', en: 'Member code, renewed every 30 seconds' },
  secondsLeft: { 'zh-CN': '{n} 秒后更新', en: 'new code in {n} s' },
  bright: {
    'zh-CN': '扫不上？请调亮屏幕，与扫码枪保持约 15 厘米。',
    en: 'Not read? Turn the brightness up and hold it about 15 cm from the scanner.',
  },
  noPicture: {
    'zh-CN': '截图无效：每个码只能用一次。',
    en: 'A picture of it is worth nothing: each code works once.',
  },
  tier: { 'zh-CN': '会员等级', en: 'Tier' },
  points: { 'zh-CN': '积分', en: 'Points' },
  benefits: { 'zh-CN': '权益', en: 'Benefits' },
  noBenefits: { 'zh-CN': '暂无', en: 'none at present' },
  until: { 'zh-CN': '{what}（至 {day}）', en: '{what} (until {day})' },
  asOf: { 'zh-CN': '截至 {time}', en: 'as of {time}' },
  validUntil: { 'zh-CN': '凭证有效期至 {day}', en: 'pass good until {day}' },
  offline: {
    'zh-CN': '离线：二维码照常可用，以下数据为上次联网时的。',
    en: 'Offline: the code works all the same; the figures are those of the last contact.',
  },
  clockFast: {
    'zh-CN': '手机时间快了约 {n}，收银台可能不接受。请在系统设置中打开“自动设置时间”。',
    en: 'The clock of this phone is about {n} ahead; tills may refuse the code. Turn on automatic time in the settings.',
  },
  clockSlow: {
    'zh-CN': '手机时间慢了约 {n}，收银台可能不接受。请在系统设置中打开“自动设置时间”。',
    en: 'The clock of this phone is about {n} behind; tills may refuse the code. Turn on automatic time in the settings.',
  },
  seconds: { 'zh-CN': '{n} 秒', en: '{n} s' },
  hours: { 'zh-CN': '{n} 小时', en: '{n} h' },
  days: { 'zh-CN': '{n} 天', en: '{n} days' },
  minutes: { 'zh-CN': '{n} 分钟', en: '{n} min' },
  renewSoon: {
    'zh-CN': '凭证将于 {day} 到期，联网打开本页即自动续期。',
    en: 'The pass ends on {day}. Open this page with a connection and it renews itself.',
  },
  expired: {
    'zh-CN': '凭证已到期。请联网打开本页；若仍不行，到收银台重新绑定。',
    en: 'The pass has ended. Open this page with a connection; if that does not help, link it again at a till.',
  },
  endedElsewhere: {
    'zh-CN': '此凭证已停用，请到收银台重新绑定。',
    en: 'This pass was ended. Link it again at a till.',
  },
  othersEnded: {
    'zh-CN': '您的会员凭证已达上限，最早的 {n} 张已停用。',
    en: 'You had as many passes as there may be: the oldest {n} ended.',
  },
  remove: { 'zh-CN': '移除凭证', en: 'Remove this pass' },
  removeAsk: {
    'zh-CN': '移除后本机不能再出示会员码，要用需到收银台重新绑定。确定移除吗？',
    en: 'This phone can then show no code until it is linked again at a till. Remove the pass?',
  },
  removeYes: { 'zh-CN': '移除', en: 'Remove' },
  removeNo: { 'zh-CN': '保留', en: 'Keep it' },
  removing: { 'zh-CN': '正在移除 …', en: 'Removing …' },
  removed: { 'zh-CN': '凭证已移除。', en: 'The pass was removed.' },
  removedOffline: {
    'zh-CN': '凭证已从本机移除。总部未能得知，它会自行到期。',
    en: 'The pass was removed from this phone. Headquarters could not be told; it ends by itself.',
  },
  privacy: { 'zh-CN': '隐私说明', en: 'Privacy' },
  privacyText: {
    'zh-CN':
      '本页在您的手机里生成一个无法导出的密钥，只把公钥交给总部。手机里只保存会员编号、打码的姓名、等级、积分和权益，用来出示会员码；不读取通讯录、位置或相机，不向其他任何网站发送数据。收银台会记录每个码的使用，以便发现冒用。移除凭证会删除以上全部数据。',
    en: 'This page makes a key in your phone that cannot be taken out, and gives headquarters its public half only. It keeps your member number, your masked name, tier, points and benefits, to show your code. It reads no contacts, place or camera and sends nothing to any other site. Tills note the use of each code, so that misuse is found. Removing the pass deletes all of this.',
  },
  wrong: { 'zh-CN': '出错了，请重试。', en: 'Something went wrong. Try again.' },
} as const satisfies Readonly<Record<string, Text>>;

export type Word = keyof typeof WORDS;

/** A sentence in a language, its places filled in. */
export function sayWord(
  word: Word,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return WORDS[word][language].replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    String(values[name] ?? ''),
  );
}
