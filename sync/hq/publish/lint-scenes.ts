import { type Calendar, SCENE_TAGS } from '../../../agent/contract/calendar.ts';
import type { Condition } from '../../../agent/contract/condition.ts';
import type { Rule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { childrenOf, reads } from '../../../agent/domain/benefits/condition/conjuncts.ts';
import type { Finding } from './rule-problem.ts';

/** A rule beside the calendar that it relies on: one that is not there, ends too soon or knows no such scene. */
export function lintScenes(rule: Rule, calendar: Calendar | undefined): Finding[] {
  const { condition, window } = rule;
  if (condition === null || !reads(condition, (name) => name.startsWith('scene.'))) return [];
  if (calendar === undefined) {
    const message = text(
      '条件使用 scene，但规则文件没有 calendar，规则不会生效',
      'the condition asks for a scene, but the file has no calendar, so it never holds',
    );
    return [{ severity: 'warning', code: 'calendar-missing', field: ['when'], message }];
  }
  const findings: Finding[] = [];
  const days = Object.keys(calendar.days);
  for (const [key, moment] of Object.entries({ from: window?.from, to: window?.to })) {
    const day = moment?.slice(0, 10);
    if (day === undefined || Object.hasOwn(calendar.days, day)) continue;
    const message = text(
      `日历只包括 ${days[0]} 至 ${days.at(-1)}，${day} 没有场景`,
      `the calendar covers ${days[0]} to ${days.at(-1)}; ${day} has no scene`,
    );
    findings.push({ severity: 'warning', code: 'calendar-gap', field: ['window', key], message });
  }
  const known = new Set<string>([...SCENE_TAGS, ...Object.values(calendar.days).flat()]);
  for (const tag of sceneTags(condition)) {
    if (known.has(tag)) continue;
    const message = text(
      `日历中没有场景 ${tag}，可用：${[...known].sort().join('、')}`,
      `no day of the calendar has the scene ${tag}; there are ${[...known].sort().join(', ')}`,
    );
    findings.push({ severity: 'warning', code: 'unknown-scene', field: ['when'], message });
  }
  return findings;
}

/** The tags that a condition looks for. */
function sceneTags(node: Condition): Set<string> {
  const { op } = node;
  if (op === 'in' && node.right.op === 'var' && node.right.name === 'scene.tags')
    return new Set(node.left.op === 'string' ? [node.left.value] : []);
  return new Set(childrenOf(node).flatMap((child) => [...sceneTags(child)]));
}
