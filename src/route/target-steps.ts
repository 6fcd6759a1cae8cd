// Steps that give the request another target. A target that no request could have is answered with 400.
import { faults } from '../core/errors.js';
import { toByteText } from './byte-text.js';
import { comparablePath } from './conditions/path.js';
import type { Pattern } from './pattern.js';
import { decodeBytes, encodeForUri, encodePath } from './percent-encoding.js';
import { faultResponder } from './responder.js';
import { type RuleSubject, type Step, StepOutcome } from './rule.js';
import type { Value } from './value.js';

const badTarget = faultResponder(faults.badTarget);

function retarget(x: RuleSubject, target: string): StepOutcome {
  // A fragment is never sent: RFC 9112 §3.2.
  if (x.retarget(target.replaceAll('#', '%23'))) return StepOutcome.goOn;
  x.responder = badTarget;
  return StepOutcome.answer;
}

/** The target is what the Value reads. */
export class TargetStep implements Step {
  private readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }

  run(x: RuleSubject): StepOutcome {
    return retarget(x, encodeForUri(this.value.read(x)));
  }
}

/** A beginning of the path is replaced; the rest and the query stay. */
export class PathPrefixStep implements Step {
  private readonly from: string;
  private readonly to: Value;

  constructor(from: string, to: Value) {
    this.from = toByteText(from);
    this.to = to;
  }

  run(x: RuleSubject): StepOutcome {
    const path = decodeBytes(x.path);
    const to = this.to.read(x);
    if (path.startsWith(this.from)) return retarget(x, encodeForUri(to) + encodePath(path.slice(this.from.length)) + x.query);
    // The route was found by the path without parameters.
    const plain = comparablePath(x.path);
    if (!plain.startsWith(this.from)) return StepOutcome.goOn;
    return retarget(x, encodeForUri(to) + encodePath(plain.slice(this.from.length)) + x.query);
  }
}

/** What the pattern is found in becomes what the Value reads; the query is kept behind its own unless it ends in '?'. */
export class RewriteStep implements Step {
  private readonly pattern: Pattern;
  private readonly to: Value;
  private readonly outcome: StepOutcome;

  constructor(pattern: Pattern, to: Value, outcome: StepOutcome) {
    this.pattern = pattern;
    this.to = to;
    this.outcome = outcome;
  }

  run(x: RuleSubject): StepOutcome {
    if (!this.pattern.test(decodeBytes(x.path), x)) return StepOutcome.goOn;
    const written = this.to.read(x);
    const question = written.indexOf('?');
    const path = encodePath(question < 0 ? written : written.slice(0, question));
    const outcome = retarget(x, path + rewrittenQuery(question < 0 ? '' : written.slice(question), x.query));
    return outcome === StepOutcome.goOn ? this.outcome : outcome;
  }
}

function rewrittenQuery(own: string, received: string): string {
  if (own.endsWith('?')) return encodeForUri(own.slice(0, -1));
  if (own === '') return received;
  return received.length > 1 ? `${encodeForUri(own)}&${received.slice(1)}` : encodeForUri(own);
}
