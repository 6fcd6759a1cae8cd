// Where an exchange goes: the rules of its listener, the tables of routes one inside the other, the rules of each route
// that is taken, as often as they have it routed again. It answers nothing (exchange-refusals.ts) and asks no server
// (exchange.ts).
import type { Edits } from '../route/edits.js';
import { normalisePath } from '../route/path.js';
import type { Responder } from '../route/responder.js';
import type { Route } from '../route/route.js';
import type { RouteTable } from '../route/route-table.js';
import { type RuleSubject, runRules, StepOutcome } from '../route/rule.js';
import { recognise } from '../upstream/selection.js';
import type { KeptFields, ResponseHead } from '../wire/message-head.js';
import { ExchangeFacts } from './exchange-facts.js';
import type { Destination } from './http-service.js';

/** What routing has come to. */
export const Routed = {
  /** The destination of `route` is next. */
  found: 0,
  /** No route takes the exchange. */
  nowhere: 1,
  /** `responder` answers. */
  answered: 2,
  /** A rule waits, and calls `resume`. */
  waiting: 3,
} as const;
export type Routed = (typeof Routed)[keyof typeof Routed];

/** What is run next. */
const Stage = { listenerRules: 0, route: 1, routeRules: 2, destination: 3 } as const;

/** A request before a route has changed it. */
interface KeptRequest {
  readonly target: string;
  /** See {@link ExchangeFacts.firstTarget}. */
  readonly firstTarget: string;
  readonly fields: KeptFields;
  /** How many edits were waiting for the response head. */
  readonly laterEdits: number;
}

export abstract class ExchangeRouting extends ExchangeFacts implements RuleSubject {
  private stage: number = Stage.listenerRules;
  responder: Responder | null = null;
  nextRule = 0;
  timesRoutedAgain = 0;
  /** The table that is asked next, and the one that is asked when the exchange is routed again. */
  private table!: RouteTable<Destination>;
  private againTable!: RouteTable<Destination>;
  /** The route that a rule leads to by name, or ''. */
  private routeName = '';
  private laterEdits: Edits[] | null = null;
  /** The request as it was when the route was taken; null: nothing that is refused there takes another way. */
  private kept: KeptRequest | null = null;

  /** For a new exchange, of which the facts are there. */
  protected beginRouting(): void {
    this.stage = Stage.listenerRules;
    this.responder = null;
    this.nextRule = 0;
    this.timesRoutedAgain = 0;
    this.table = this.service.routes;
    this.againTable = this.service.routes;
    this.routeName = '';
    this.laterEdits = null;
    this.kept = null;
  }

  protected forgetRouting(): void {
    this.responder = null;
    this.laterEdits = null;
    this.kept = null;
  }

  /** Finds the destination, or says why not. */
  protected findDestination(): Routed {
    while (this.stage !== Stage.destination) {
      let outcome: StepOutcome = StepOutcome.goOn;
      if (this.stage === Stage.listenerRules) {
        outcome = runRules(this.service.requestRules, this);
      } else if (this.stage === Stage.route) {
        const route = this.findRoute();
        if (route === null) return Routed.nowhere;
        this.route = route;
        const { upstream: link, errorPages } = route.destination;
        if (errorPages.haveDetours) this.keepRequest();
        if (link !== null) recognise(link.upstream, this, this.selection);
      } else {
        outcome = runRules((this.route as Route<Destination>).requestRules, this);
      }
      if (outcome === StepOutcome.answer) return Routed.answered;
      if (outcome === StepOutcome.wait) return Routed.waiting;
      this.takeOutcome(outcome);
    }
    return Routed.found;
  }

  /** The same when a rule has waited, and this is what it has come to. */
  protected findDestinationAfter(outcome: StepOutcome): Routed {
    if (outcome === StepOutcome.answer) return Routed.answered;
    if (outcome === StepOutcome.wait) return Routed.waiting;
    // `goOn` runs the same list again, from the rule behind the one that waited.
    if (outcome !== StepOutcome.goOn) this.takeOutcome(outcome);
    return this.findDestination();
  }

  private takeOutcome(outcome: StepOutcome): void {
    if (outcome === StepOutcome.routeAgain) {
      this.table = this.againTable;
      this.stage = Stage.route;
    } else if (this.stage === Stage.routeRules) {
      this.enterRoute();
    } else {
      this.stage++;
    }
  }

  private findRoute(): Route<Destination> | null {
    if (this.routeName === '') return this.table.find(this);
    const route = this.service.namedRoutes.get(this.routeName) ?? null;
    this.routeName = '';
    return route;
  }

  /** The rules of a route have been run: what stands inside it is asked, or its destination is next. */
  private enterRoute(): void {
    const { inner, isRoutedAgain } = this.route as Route<Destination>;
    if (inner === null) {
      this.stage = Stage.destination;
      return;
    }
    this.table = inner;
    if (isRoutedAgain) this.againTable = inner;
    this.stage = Stage.route;
  }

  private keepRequest(): void {
    this.kept = {
      target: this.request.target,
      firstTarget: this.firstTarget,
      fields: this.request.keepFields(),
      laterEdits: this.laterEdits?.length ?? 0,
    };
  }

  /** Takes back what the route has changed. */
  protected restoreRequest(): void {
    if (this.kept === null) return;
    const { target, firstTarget, fields, laterEdits } = this.kept;
    this.retarget(target);
    // That the target is as it was is no change of it.
    this.firstTarget = firstTarget;
    this.request.restoreFields(fields);
    if (this.laterEdits !== null) this.laterEdits.length = laterEdits;
  }

  /** Routes are to be asked once more: all of the listener's, or the one that a step has named. */
  protected routeAnew(isFromStart: boolean): void {
    this.stage = Stage.route;
    this.nextRule = 0;
    this.responder = null;
    if (!isFromStart) return;
    this.route = null;
    this.table = this.service.routes;
    this.againTable = this.service.routes;
  }

  abstract resume(outcome: StepOutcome): void;

  retarget(target: string): boolean {
    // RFC 9112 §3.2.4: the server as a whole is for OPTIONS alone.
    if (target === '*' && this.request.method !== 'OPTIONS') return false;
    if (normalisePath(target, this) !== null) return false;
    if (this.firstTarget === '') this.firstTarget = this.request.target;
    this.request.target = target;
    return true;
  }

  routeTo(name: string): boolean {
    // Names are byte text: a Value reads nothing else.
    if (!this.service.namedRoutes.has(name)) return false;
    this.routeName = name;
    return true;
  }

  editResponseLater(edits: Edits): void {
    this.laterEdits ??= [];
    this.laterEdits.push(edits);
  }

  /** On the final response head, a server's or our own, from the inside out. False: `responder` answers in its place. */
  protected runResponseRules(): boolean {
    if (this.laterEdits !== null) for (const edits of this.laterEdits) edits.apply(this.response as ResponseHead, this);
    if (this.route !== null && runRules(this.route.responseRules, this) === StepOutcome.answer) return false;
    return runRules(this.service.responseRules, this) !== StepOutcome.answer;
  }

  /** On the final response head as it goes out, from the inside out. */
  protected runLastRules(): void {
    if (this.route !== null) runRules(this.route.lastRules, this);
    runRules(this.service.lastRules, this);
  }
}
