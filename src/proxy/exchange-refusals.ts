// What becomes of an exchange that is refused: the answer for it, the page in its place, or another way through the routes.
import { type Fault, faults } from '../core/errors.js';
import { type Detour, type ErrorPage, type ErrorPages, KEEPS_STATUS } from '../route/error-page.js';
import type { Answer, Responder } from '../route/responder.js';
import { MAX_TIMES_ROUTED_AGAIN, StepOutcome } from '../route/rule.js';
import { ExchangeRouting, type Routed } from './exchange-routing.js';
import { answerForFault } from './own-answer.js';
import { StandIn } from './stand-in.js';

export abstract class ExchangeRefusals extends ExchangeRouting {
  /** An error page has led the exchange to where it is, and refusals have none any more. */
  private isOnLastWay = false;
  /** What the answer has of the one in whose place it stands; null: it stands for itself. */
  protected standIn: StandIn | null = null;
  /** Why an error page was asked for; null: it was not, or for a server's answer. */
  protected refusedWith: Fault | null = null;

  protected beginRefusals(): void {
    this.isOnLastWay = false;
    this.standIn = null;
    this.refusedWith = null;
  }

  protected forgetRefusals(): void {
    this.standIn = null;
  }

  /** Ends the exchange with an answer of ours. */
  protected abstract answer(answer: Answer, fault: Fault | null, closes: boolean): void;

  /** Ends the exchange, with nothing said where the fault has no status. */
  abstract fail(fault: Fault): void;

  /** Goes on with what routing has come to. */
  protected abstract follow(routed: Routed): void;

  protected abstract requestIsComplete: boolean;

  /** Whether the whole body can still go to a server. */
  protected abstract get bodyIsAtHand(): boolean;

  /** Forgets the upstream that refused, and what was tried there. */
  protected abstract leaveUpstream(): void;

  /** From now on the request has no body; what comes of it is read and dropped. */
  protected abstract dropBody(): void;

  protected answerBy(responder: Responder): void {
    if (responder.fault?.status === 0) {
      this.fail(responder.fault);
      return;
    }
    const answer = responder.respond(this);
    if (responder.fault === null) this.answer(answer, null, false);
    else this.answerRefusal(answer, responder.fault, false);
  }

  protected refuse(fault: Fault): void {
    this.answerRefusal(answerForFault(fault, this.service.profile), fault, fault.source === 'client');
  }

  /** Answers at once: the client's side has failed, so no other way is taken. */
  protected answerFault(fault: Fault, closes: boolean): void {
    this.answerWithPage(answerForFault(fault, this.service.profile), fault, closes);
  }

  /** A refusal, or a server's answer that is replaced (`fault` null): another way is taken, else it is answered. */
  protected answerRefusal(answer: Answer, fault: Fault | null, closes: boolean): void {
    const detour = this.pageFor(answer.status)?.detour ?? null;
    if (detour === null || !this.takeDetour(detour, answer.status, fault)) this.answerWithPage(answer, fault, closes);
  }

  private answerWithPage(answer: Answer, fault: Fault | null, closes: boolean): void {
    this.standIn = this.standIn?.as(0) ?? null;
    this.answer(this.pageFor(answer.status)?.responder?.respond(this) ?? answer, fault, closes);
  }

  private pageFor(status: number): ErrorPage | null {
    return this.isOnLastWay ? null : this.errorPages.find(status);
  }

  protected get errorPages(): ErrorPages {
    return this.route === null ? this.service.errorPages : this.route.destination.errorPages;
  }

  /** Goes through the routes once more, with everything forgotten that belonged to the refusing route. False: it cannot be. */
  private takeDetour(detour: Detour, status: number, fault: Fault | null): boolean {
    // A request that could not be read goes nowhere.
    if (this.path === '' || this.timesRoutedAgain >= MAX_TIMES_ROUTED_AGAIN) return false;
    const dropsBody = detour.asksAnew || fault === faults.bodyTooLarge;
    if (!dropsBody && !this.bodyIsAtHand) return false;
    this.restoreRequest();
    if (detour.step.run(this) === StepOutcome.answer) return false;
    // What the server as a whole can do is no page.
    if (detour.asksAnew && this.path === '*') return false;
    this.timesRoutedAgain++;
    this.isOnLastWay = !detour.mayRepeat;
    const shown = detour.status === KEEPS_STATUS ? status : detour.status;
    this.standIn = this.standIn?.as(shown) ?? new StandIn(shown, []);
    this.refusedWith = fault;
    this.leaveUpstream();
    if (dropsBody) this.dropBody();
    if (this.requestIsComplete) this.request.remove('expect');
    if (detour.asksAnew) this.askAnew();
    this.routeAnew(detour.asksAnew);
    this.follow(this.findDestination());
    return true;
  }

  private askAnew(): void {
    const { request } = this;
    if (this.firstMethod === '') this.firstMethod = request.method;
    if (request.method !== 'HEAD') request.method = 'GET';
  }
}
