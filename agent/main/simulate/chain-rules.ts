/**
 * Rules of a small chain with one of each lane that touches the ledger: a discount, points spent, points earned. A card
 * alone is enough for all of it, which is lower than a store would have it, so that a card moves points in both directions.
 * @param facts.spendWhen when points are taken as money, as the condition of a rule
 * @param facts.returnDays how long goods are taken back; absent = without end
 */
export function chainRules(
  ruleSet: string,
  { spendWhen, returnDays }: { readonly spendWhen: string; readonly returnDays?: number },
): string {
  const returns = returnDays === undefined ? '' : `returns: { windowDays: ${returnDays} }\n`;
  return `
ruleSet: ${ruleSet}
version: 1
currency: CNY
${returns}policy:
  version: 1
  levels:
    - { level: claimed, allOf: [card] }
    - { level: claimed, allOf: [phone] }
  actions:
    - { action: view-benefits, needs: claimed }
    - { action: earn-points, needs: claimed }
    - { action: use-coupon, needs: claimed }
    - { action: redeem-points, needs: claimed }
    - { action: priority-lane, needs: claimed }
    - { action: change-personal-data, needs: verified }
    - { action: enrol-biometric, needs: verified }
    - { action: withdraw-consent, needs: recognised }
  caps: { offline: verified, stale: recognised, clockUntrusted: claimed }
  evidenceTtlSeconds: 600
  staleAfterHours: 2160
rules:
  - id: gold-food
    name: { zh-CN: 金卡食品九折, en: 10 % off food for gold }
    lane: basket
    when: member.tier == "gold"
    target: { category: [food] }
    effect: { kind: percent-off-order, percentBp: 1000 }
  - id: spend-points
    name: { zh-CN: 积分抵现, en: Points as money }
    lane: points-spend
    when: ${spendWhen}
    effect: { kind: points-redeem, minorPerPoint: 10 }
  - id: earn-points
    name: { zh-CN: 消费积分, en: One point a yuan }
    lane: points-earn
    when: member.known
    effect: { kind: points-earn, basis: net, perMinor: 100, points: 1 }
`;
}
