import type { Scene, Weather } from '../../../contract/calendar.ts';
import type {
  EvaluationInput,
  LocalTime,
  MemberFacts,
} from '../../../contract/evaluation-input.ts';
import type { BasketState } from '../basket-state.ts';
import { type BusinessDate, businessDate } from '../local-time.ts';
import { presentedCodes } from '../presented-codes.ts';

/** What conditions read. One is made for each evaluation; only the running amounts change while lanes run. */
export interface ConditionFacts {
  readonly member: MemberFacts | null;
  readonly tags: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly codes: readonly string[];
  readonly codeSet: ReadonlySet<string>;
  readonly listMinor: number;
  /** After the steps before the one that runs. */
  readonly runningMinor: number;
  readonly qty: number;
  readonly channel: string;
  readonly isReturn: boolean;
  readonly storeId: string;
  readonly storeTier: string;
  readonly now: LocalTime;
  readonly businessDay: BusinessDate;
  readonly scene: Scene;
  readonly weather: Weather | null;
  /** Indexes of the lines that a selector of the rule set chooses. */
  readonly selected: (selector: number) => readonly number[];
  readonly sumOf: (what: 'qty' | 'list' | 'running', selector: number) => number;
}

/** Binds the facts of an input to the amounts of a basket. */
export function conditionFacts(
  input: EvaluationInput,
  state: BasketState,
  selected: (selector: number) => readonly number[],
): ConditionFacts {
  const codes = presentedCodes(input);
  return {
    member: input.member,
    tags: new Set(input.member?.tags),
    groups: new Set(input.member?.groups),
    codes,
    codeSet: new Set(codes),
    listMinor: state.listMinor,
    get runningMinor() {
      return state.runningMinor;
    },
    qty: state.units,
    channel: input.channel,
    isReturn: input.isReturn,
    storeId: input.store.storeId,
    storeTier: input.store.storeTier,
    now: input.now,
    businessDay: businessDate(input.now),
    scene: input.scene,
    weather: input.weather,
    selected,
    sumOf: (what, selector) => {
      const amounts = state[what];
      let total = 0;
      for (const line of selected(selector)) total += amounts[line] ?? 0;
      return total;
    },
  };
}
