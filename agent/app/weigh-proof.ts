import type { Evidence, Member, Text } from '../contract/index.ts';
import { isCredentialRefusal } from '../domain/credential/sentences.ts';
import { memberStanding } from '../domain/identify/member-standing.ts';
import { NOTICES } from '../domain/identify/sentences.ts';
import type { TillContext } from './context.ts';
import { claimOf, type FoundMember, type Presented } from './find-members.ts';
import { isByFace, type Known } from './identifications.ts';
import type { RulesSource } from './rules-source.ts';

/** What a proof changes about an identification. */
export type News = Pick<
  Known,
  'outcome' | 'evidence' | 'memberId' | 'candidates' | 'notices' | 'pending'
>;

export interface WeighProof {
  /** The first proof: nobody, one member, several or too many. */
  fresh(found: FoundMember, source: string): News;
  /** One more proof for an identification begun before: it agrees, contradicts, or fits nobody. */
  added(known: Known, found: FoundMember, presented: Presented, source: string): News;
  /** A pass or wallet card that is not taken: nobody, and why. What is known already stays, with the reason beside it. */
  refused(known: Known | undefined, notice: Text): News;
  /** One member, by all this evidence. */
  named(member: Member, evidence: readonly Evidence[], notices: Known['notices']): News;
}

/** What it means that a code or digits name these members; changes nothing by itself. */
export function createWeighProof(context: TillContext, rules: RulesSource): WeighProof {
  const { store } = context;

  function claim(found: FoundMember, member: Member, source: string): Evidence {
    return claimOf(context, found, member, source, rules.policy()?.evidenceTtlSeconds);
  }

  function fresh(found: FoundMember, source: string): News {
    const nobody = { evidence: [], memberId: null, candidates: [], notices: found.notices };
    if (found.tooMany) return { ...nobody, outcome: 'too-many' };
    const [first, second] = found.members;
    if (first === undefined) return { ...nobody, outcome: 'unknown' };
    if (second === undefined) return named(first, [claim(found, first, source)], found.notices);
    const candidates = found.members.map((member, index) => ({
      handle: String(index + 1),
      memberId: member.memberId,
      // Whoever is chosen was one of so many whom the same digits fit.
      evidence: [{ ...claim(found, member, source), among: found.members.length }],
    }));
    return { ...nobody, outcome: 'ambiguous', candidates };
  }

  function named(member: Member, evidence: readonly Evidence[], notices: Known['notices']): News {
    return {
      outcome: memberStanding(member, context.today()),
      evidence,
      memberId: member.memberId,
      candidates: [],
      notices,
    };
  }

  function refused(known: Known | undefined, notice: Text): News {
    if (known !== undefined && known.outcome !== 'unknown' && known.outcome !== 'refused')
      return { ...known, notices: merge(withoutRefusals(known), [notice]) };
    const nobody = { evidence: [], memberId: null, candidates: [] };
    return { ...nobody, outcome: 'refused', notices: [notice] };
  }

  function added(known: Known, found: FoundMember, presented: Presented, source: string): News {
    const member = known.memberId === null ? undefined : store.members.byId(known.memberId);
    if (known.outcome === 'contradiction') return known;
    if (known.outcome === 'identified' && member !== undefined) {
      if (agrees(member, found, presented)) {
        const others = known.evidence.filter((one) => one.means !== found.means);
        return named(
          member,
          [...others, claim(found, member, source)],
          merge(withoutRefusals(known), found.notices),
        );
      }
      const [other] = found.members;
      if (other === undefined)
        return { ...known, notices: merge(known.notices, [NOTICES.noMatch]) };
      return {
        ...known,
        outcome: 'contradiction',
        memberId: null,
        evidence: [...known.evidence, claim(found, other, source)],
      };
    }
    const confirmed = confirmedOf(known, found);
    const who = confirmed === undefined ? found : { ...found, members: [confirmed] };
    const chosen =
      who.members.length === 1
        ? known.candidates.find((one) => one.memberId === who.members[0]?.memberId)
        : undefined;
    const news = fresh(who, source);
    return chosen === undefined
      ? news
      : { ...news, evidence: [...chosen.evidence, ...news.evidence] };
  }

  /** Of those whom digits fit, the one whom a face had suggested: together they name one member where neither does alone. */
  function confirmedOf(
    { candidates }: Known,
    { members, tooMany }: FoundMember,
  ): Member | undefined {
    if (tooMany) return undefined;
    const both = members.filter(({ memberId }) =>
      candidates.some((one) => one.memberId === memberId && isByFace(one.evidence)),
    );
    return both.length === 1 ? both[0] : undefined;
  }

  /** Digits agree with the member's own phone, however many others share them. */
  function agrees(member: Member, found: FoundMember, presented: Presented): boolean {
    if (found.members.some((one) => one.memberId === member.memberId)) return true;
    return presented.kind === 'phone' && member.phone?.endsWith(presented.digits) === true;
  }

  return { fresh, added, refused, named };
}

/** A later code of a pass, taken or not, says all that there is to say of passes. */
function withoutRefusals({ notices }: Known): Known['notices'] {
  return notices.filter((one) => !isCredentialRefusal(one));
}

function merge<T>(a: readonly T[], b: readonly T[]): T[] {
  return [...new Set([...a, ...b])];
}
