// Contract 5: a rule is a condition and a step; a step changes the exchange and says how it goes on. Running them
// keeps no state but on the exchange itself, so that an exchange can wait in the middle and go on later.
import { faults } from '../core/errors.js';
import type { Condition } from './condition.js';
import type { Edits } from './edits.js';
import type { ExchangeView } from './exchange-view.js';
import { faultResponder, type Responder } from './responder.js';

/** What a step says, and what running a list of rules comes to. */
export const StepOutcome = {
  /** The next rule; after the last, the rules have nothing more to say. */
  goOn: 0,
  /** `responder` of the exchange answers it. */
  answer: 1,
  /** A route is to be found anew, because the step has changed what routes match. At most MAX_TIMES_ROUTED_AGAIN times. */
  routeAgain: 2,
  /** The step has started something and calls `resume` of the exchange once, when it is done. */
  wait: 3,
  /** Within a configured list of rules (configured-rule.ts): the remaining ones are left out. The list itself says `goOn`. */
  stop: 4,
} as const;

export type StepOutcome = (typeof StepOutcome)[keyof typeof StepOutcome];

/** How often the steps of one exchange may have it routed again; the next time it is answered with faults.routingLoop. */
export const MAX_TIMES_ROUTED_AGAIN = 10;

/** What rules see of an exchange and may do with it. */
export interface RuleSubject extends ExchangeView {
  /** Who answers: set by the step that returns `answer`. */
  responder: Responder | null;
  /** The rule that is next in the list that is being run. 0 for a new exchange; {@link runRules} keeps it. */
  nextRule: number;
  /** How often the exchange has been routed again. 0 for a new exchange; {@link runRules} keeps it. */
  timesRoutedAgain: number;
  /**
   * Called once by a step that returned `wait`, never before it has returned. `goOn`: {@link runRules} is run again
   * with the same list; else `outcome` is taken as what that list came to.
   */
  resume(outcome: StepOutcome): void;
  /** Another target for the server and for routes; false, nothing being changed, when no request can have it. */
  retarget(target: string): boolean;
  /** Where the next routing goes: the route of that name. False: there is none. */
  routeTo(name: string): boolean;
  /** Edits of the final response head, before the route's own. */
  editResponseLater(edits: Edits): void;
}

export interface Step {
  /** Does its work on `x`, at once. Never throws. */
  run(x: RuleSubject): StepOutcome;
}

export interface Rule {
  readonly condition: Condition;
  readonly step: Step;
}

const loopResponder = faultResponder(faults.routingLoop);

/** Runs `rules` from `x.nextRule` on, until one says something other than goOn. Allocates nothing. */
export function runRules(rules: readonly Rule[], x: RuleSubject): StepOutcome {
  for (let i = x.nextRule; i < rules.length; i++) {
    const rule = rules[i]!;
    if (!rule.condition.test(x)) continue;
    const outcome = rule.step.run(x);
    if (outcome === StepOutcome.goOn) continue;
    x.nextRule = outcome === StepOutcome.wait ? i + 1 : 0;
    return outcome === StepOutcome.routeAgain ? countRouting(x) : outcome;
  }
  x.nextRule = 0;
  return StepOutcome.goOn;
}

function countRouting(x: RuleSubject): StepOutcome {
  if (x.timesRoutedAgain < MAX_TIMES_ROUTED_AGAIN) {
    x.timesRoutedAgain++;
    return StepOutcome.routeAgain;
  }
  x.responder = loopResponder;
  return StepOutcome.answer;
}

/** Edits the request head. */
export class EditRequestStep implements Step {
  private readonly edits: Edits;

  constructor(edits: Edits) {
    this.edits = edits;
  }

  run(x: RuleSubject): StepOutcome {
    // Before the edits, which may themselves write a name with '_'.
    if (x.request.hasUnderscores) x.request.removeTwins(this.edits.governedNames);
    this.edits.apply(x.request, x);
    return StepOutcome.goOn;
  }
}

/** Edits the response head; without one it does nothing. */
export class EditResponseStep implements Step {
  private readonly edits: Edits;

  constructor(edits: Edits) {
    this.edits = edits;
  }

  run(x: RuleSubject): StepOutcome {
    if (x.response !== null) this.edits.apply(x.response, x);
    return StepOutcome.goOn;
  }
}

/** Has a responder answer in place of a server's response; where there is none, it does nothing. */
export class ReplaceResponseStep implements Step {
  private readonly responder: Responder;

  constructor(responder: Responder) {
    this.responder = responder;
  }

  run(x: RuleSubject): StepOutcome {
    // An answer of our own is the last word: else one could follow the other for ever.
    if (!x.hasServerResponse) return StepOutcome.goOn;
    x.responder = this.responder;
    return StepOutcome.answer;
  }
}

/** Edits the response head when it is there. */
export class EditResponseLaterStep implements Step {
  private readonly edits: Edits;

  constructor(edits: Edits) {
    this.edits = edits;
  }

  run(x: RuleSubject): StepOutcome {
    x.editResponseLater(this.edits);
    return StepOutcome.goOn;
  }
}

/** Has a responder answer. */
export class AnswerStep implements Step {
  private readonly responder: Responder;

  constructor(responder: Responder) {
    this.responder = responder;
  }

  run(x: RuleSubject): StepOutcome {
    x.responder = this.responder;
    return StepOutcome.answer;
  }
}
