import type { DemoChain } from '../../demo/chain.ts';
import type { ShowcaseEntry, ShowcaseId } from '../../demo/showcase.ts';
import { assert, type Text, text } from '../contract/index.ts';

/** What to try at a till of the demo, one thing each. */
export function demoSteps(chain: DemoChain): Text[] {
  const entry = (wanted: ShowcaseId): ShowcaseEntry => {
    const found = chain.showcase.find(({ id }) => id === wanted);
    assert(found !== undefined, 'every id of the showcase has its member');
    return found;
  };
  const card = (wanted: ShowcaseId): string => entry(wanted).card;
  const lastFour = entry('categories').phone.slice(-4);
  return [
    text(
      `扫 ${card('ladder')}，看还差多少连续三个月满 5,000 元；录入超过 320 元商品，升为钻石并获免费停车`,
      `Scan ${card('ladder')}: how much is missing for three months of 5,000 yuan; from 320 yuan on the tier is diamond, with parking`,
    ),
    text(
      `扫 ${card('below-priority')}（年消费 9,999.99 元），卖一件收款；下一单起享优先通道，断网也一样`,
      `Scan ${card('below-priority')} (9,999.99 this year) and sell anything: the next sale brings the priority lane, offline too`,
    ),
    text(
      `扫 ${card('owed')}（欠 180 积分），收款 200 元以上：新积分先抵欠分`,
      `Scan ${card('owed')} (owes 180 points) and sell for 200 yuan: what is earned pays the debt first`,
    ),
    text(
      `扫 ${card('pending')}，打开钱包：450 积分待退货期满；满 500 元多积的分也要等`,
      `Scan ${card('pending')} and open the wallet: 450 points wait; so does what a sale from 500 yuan earns more`,
    ),
    text(
      `扫 ${card('categories')} 并输入尾号 ${lastFour}（用积分需两种凭据），录入茉莉花茶和其他商品，用 400 积分：先用 300 茶叶积分付茶，其余用通用积分`,
      `Scan ${card('categories')} and type ${lastFour} (points ask for two proofs), ring up jasmine tea and something else, spend 400 points: 300 of tea pay for the tea, plain ones the rest`,
    ),
    text(
      `扫 ${card('online')}，满 100 元：30 天内网购过，到店减 10 元`,
      `Scan ${card('online')}, ring up 100 yuan: bought online within 30 days, 10 yuan off in the store`,
    ),
    text(
      '满 100 元后扫券码 CP-FIRST100（全连锁 100 次）；买洗发水扫厂商券，每张一次',
      'From 100 yuan scan the coupon CP-FIRST100, good 100 times over the chain; with shampoo the maker’s coupon, each once',
    ),
    text(
      '满 50 元扫影院代金券并收款，再到另一台扫同一张：已用过；停掉总部再扫新券：无法核实',
      'From 50 yuan scan the cinema’s voucher and take the money; at the other till it is used. With headquarters stopped nobody can say',
    ),
    text(
      '会员买满 300 元减 20，再退到 200 元以下：退款前先说明收回的优惠和积分',
      'A member buys for 300 yuan, 20 off; bring goods back until less than 200 is left: what is taken back is told before the refund',
    ),
    text(
      '会员买绿色商品满 200 元得帆布袋；退货时不带回袋子，要付 19.90 元',
      'Green articles from 200 yuan bring a member a canvas bag; goods that come back without it cost 19.90',
    ),
    text(
      '打开顾客屏，在收银台录入商品：优惠、差额、捐赠和感谢同步显示',
      'Open the customer display and ring up: benefits, what is nearly reached, what is given and the thanks follow',
    ),
    text(
      '停掉总部卖几单，再启动，在总部控制台看“触发准确率”及原因',
      'Sell with headquarters stopped, start it again and look at trigger accuracy and its causes on the console',
    ),
  ];
}
