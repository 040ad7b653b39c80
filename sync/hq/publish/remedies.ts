import { type Text, text } from '../../../agent/contract/text.ts';
import type { RuleProblemCode } from './rule-problem.ts';

/** What an author does about each problem, where the finding itself does not say it better. */
export const REMEDIES: Readonly<Record<RuleProblemCode, Text>> = {
  'file-too-large': text('拆分规则文件', 'Split the file'),
  syntax: text('按 YAML 1.2 修正这一处', 'Correct this place: the file is read as YAML 1.2'),
  schema: text(
    '按提示修正字段；rules schema 写出全部字段',
    'Correct the field; `rules schema` lists all of them',
  ),
  'unknown-effect': text('使用所列的效果之一', 'Use one of the effects that are listed'),
  'repeated-id': text('给其中一条换一个编号', 'Give one of the two another id'),
  'condition-syntax': text('修正所指位置的条件', 'Correct the condition at this place'),
  'condition-too-large': text('把条件拆成几条规则', 'Split the condition over several rules'),
  'condition-type': text('比较同类的值', 'Compare values of one type'),
  'condition-overflow': text(
    '缩小数字，或改写为不相乘的比较',
    'Use smaller numbers, or compare without multiplying',
  ),
  'not-in-profile': text('只使用所列的运算', 'Use the listed operators alone'),
  'unknown-variable': text('使用所列的名称之一', 'Use one of the names that are listed'),
  'unknown-function': text('使用所列的函数之一', 'Use one of the functions that are listed'),
  'unknown-selector': text(
    '在 select 中写出它，或修正名称',
    'Write it under `select`, or correct the name',
  ),
  'unused-selector': text(
    '删除它，或在条件、目标中使用',
    'Remove it, or use it in `when` or `target`',
  ),
  'constant-condition': text(
    '删除条件，或写出它取决于什么',
    'Remove the condition, or say what it depends on',
  ),
  'wrong-lane': text('移到所列的通道之一', 'Move the rule to one of the lanes that are listed'),
  'mixed-group': text('把倍数放到另一组', 'Put the multipliers into another group'),
  'too-many-categories': text('合并积分类别', 'Use fewer categories of points'),
  'too-many-exclusive': text('减少互斥规则', 'Make fewer rules exclusive'),
  'window-empty': text(
    '修正起止；结束必须晚于开始',
    'Correct the two: the end lies after the beginning',
  ),
  'window-date': text('写一个存在的日期', 'Write a day that exists'),
  'effect-values': text('修正效果的数值', 'Correct the figures of the effect'),
  'amount-overflow': text('提高 perMinor 或减少积分', 'Raise `perMinor` or lower the points'),
  'coupon-form': text(
    '按提示修正优惠券或合作券',
    'Correct what the rule says of its coupon or voucher',
  ),
  'partner-repeated': text('每个合作伙伴、每个密钥只写一次', 'Name each partner and each key once'),
  'unknown-partner': text(
    '在 partners 中写出它和它的密钥，或修正名称',
    'Write it under `partners` with its keys, or correct the name',
  ),
  'voucher-value-twice': text(
    '把两条规则放进同一通道、同一步、同一组，只由其中一条抵扣',
    'Put both into one group of one step, so that one of the two takes it, or use another campaign',
  ),
  'never-wins': text(
    '删除其中一条，或收窄较优规则的条件，或换一个组',
    'Remove one of the two, narrow the gate of the better one, or move one to another group',
  ),
  'tie-by-id': text(
    '写明不同的 priority（小者优先）',
    'Give them different priorities; the lower goes first',
  ),
  'never-holds': text(
    '修正互相矛盾的条件或有效期，或删除规则',
    'Correct the terms that exclude each other, or remove the rule',
  ),
  'window-never-open': text('修正日期或星期', 'Correct the days or the weekdays'),
  'never-together': text(
    '去掉这个组或互斥，或修正条件',
    'Drop the group or the exclusivity, or correct the condition',
  ),
  'stack-too-deep': text(
    '放进同一组、设为互斥、加 caps，或写明商品的最低价',
    'Put them into one group, make one exclusive, cap them, or give the articles a price floor',
  ),
  'below-base': text('至少给到较低等级的优惠', 'Give at least what the tier below gets'),
  'zhe-as-percent': text('8折 = 付 80% = percentBp 2000', '8折 = 80 % to pay = percentBp 2000'),
  'name-disagrees': text('修正名称或数值', 'Correct the name or the figure'),
  'window-ambiguous': text(
    '整天只写日期；时刻写到秒，例如 T23:59:59',
    'Write whole days as days, and moments to the second, e.g. T23:59:59',
  ),
  'coupon-code-shared': text(
    '给每条规则明显不同的券码',
    'Give each rule a code that cannot be mistaken',
  ),
  'coupon-uses-mixed': text(
    '给同一券码的各条规则写相同的 uses，或换一个券码',
    'Give all rules of a code the same `uses`, or one of them a code of its own',
  ),
  'part-order': text(
    '把范围较窄的部分写在前面',
    'Write the narrower part first: parts choose their units in the order written',
  ),
  'points-order': text(
    '把这条规则放到更早的 step',
    'Put this rule into an earlier step than the one of `base`, which pays for everything',
  ),
  'limit-unreachable': text(
    '修正或删除达不到的上限',
    'Correct the figure, or remove the limit that is never reached',
  ),
  'unknown-in-chain': text(
    '修正拼写，或先导入到连锁资料',
    'Correct the spelling, or bring it into the chain first',
  ),
  'calendar-range': text('修正日历的起止日期', 'Correct the first and last day of the calendar'),
  'calendar-overlap': text('每一天只写一次', 'Name each day once'),
  'calendar-day': text(
    '写一个存在且在日历范围内的日期',
    'Write a day that exists and lies in the calendar',
  ),
  'lunar-day': text('写一个存在的农历日期', 'Write a day that the lunar calendar has'),
  'calendar-missing': text('在文件中写出 calendar', 'Give the file a `calendar`'),
  'calendar-gap': text(
    '延长日历，直到规则的最后一天',
    'Extend the calendar to the last day of the rules',
  ),
  'unknown-scene': text('使用日历中写出的场景', 'Use a scene that the calendar names'),
};
