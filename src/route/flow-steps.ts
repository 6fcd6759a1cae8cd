// Steps that change nothing of the message: variables, and where the exchange goes next.
import { type RuleSubject, type Step, StepOutcome } from './rule.js';
import type { Value } from './value.js';

export class VariableStep implements Step {
  private readonly name: string;
  private readonly value: Value;

  constructor(name: string, value: Value) {
    this.name = name;
    this.value = value;
  }

  run(x: RuleSubject): StepOutcome {
    x.setVariable(this.name, this.value.read(x));
    return StepOutcome.goOn;
  }
}

/** Says the same of every exchange. */
export class SayStep implements Step {
  private readonly outcome: StepOutcome;

  constructor(outcome: StepOutcome) {
    this.outcome = outcome;
  }

  run(): StepOutcome {
    return this.outcome;
  }
}

/** Has the exchange take the route of that name; where there is none, the rules go on. */
export class RouteToStep implements Step {
  private readonly name: Value;

  constructor(name: Value) {
    this.name = name;
  }

  run(x: RuleSubject): StepOutcome {
    return x.routeTo(this.name.read(x)) ? StepOutcome.routeAgain : StepOutcome.goOn;
  }
}
