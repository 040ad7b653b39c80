import type { RuleSource } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { voucherAsked } from '../../../agent/domain/benefits/asked-code.ts';
import type { Finding, RuleSetFinding } from './rule-problem.ts';

type Source = Pick<RuleSource, 'partners' | 'rules'>;

/** Partners and keys that are named twice; the fields begin at the file. */
export function lintPartners({ partners = [] }: Source): Finding[] {
  const ids = new Set<string>();
  return partners.flatMap(({ id, keys }, index) => {
    const findings: Finding[] = [];
    if (ids.has(id)) {
      const message = text(`合作伙伴 ${id} 写了两次`, `the partner ${id} is named twice`);
      findings.push({ code: 'partner-repeated', field: ['partners', index, 'id'], message });
    }
    ids.add(id);
    const keyIds = new Set<string>();
    keys.forEach(({ keyId }, nth) => {
      if (keyIds.has(keyId)) {
        const message = text(`密钥 ${keyId} 写了两次`, `the key ${keyId} is named twice`);
        const field = ['partners', index, 'keys', nth, 'keyId'];
        findings.push({ code: 'partner-repeated', field, message });
      }
      keyIds.add(keyId);
    });
    return findings;
  });
}

/** Rules that ask for vouchers nobody can bring, or that would pay one face value twice. */
export function lintVoucherRules({ partners = [], rules }: Source): RuleSetFinding[] {
  const values = new Map<string, { readonly id: string; readonly contest: string }>();
  return rules.flatMap((rule, ruleIndex): RuleSetFinding[] => {
    const { voucher } = rule;
    if (voucher === undefined) return [];
    const partner = partners.find(({ id }) => id === voucher.partner);
    const field = ['voucher', 'partner'];
    if (partner === undefined) {
      const known = partners.map(({ id }) => id).join(', ');
      const message = text(
        `partners 中没有 ${voucher.partner}${known === '' ? '' : `，已有：${known}`}`,
        `partners names no ${voucher.partner}${known === '' ? '' : `; known: ${known}`}`,
      );
      return [{ ruleIndex, finding: { code: 'unknown-partner', field, message } }];
    }
    const findings: RuleSetFinding[] = [];
    if (partner.keys.every(({ revoked }) => revoked === true)) {
      const message = text(
        `合作伙伴 ${partner.id} 的密钥全部作废，规则永远不会生效`,
        `every key of ${partner.id} is revoked, so the rule never applies`,
      );
      findings.push({
        ruleIndex,
        finding: { severity: 'warning', code: 'never-holds', field, message },
      });
    }
    if (rule.effect.kind !== 'voucher-value') return findings;
    const asked = voucherAsked(voucher);
    const contest = JSON.stringify([rule.lane, rule.step, rule.group ?? rule.id]);
    const before = values.get(asked);
    values.set(asked, before ?? { id: rule.id, contest });
    if (before === undefined || before.contest === contest) return findings;
    const message = text(
      `规则 ${before.id} 已抵扣同一张券的面值，面值会被抵扣两次`,
      `${before.id} takes the face value of the same voucher already: it would be paid twice`,
    );
    return [
      ...findings,
      { ruleIndex, finding: { code: 'voucher-value-twice', field: ['voucher'], message } },
    ];
  });
}
