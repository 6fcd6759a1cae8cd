// What stands in place of refusals, and where it says so of servers' answers: an answer of ours, or another way through the routes.
import { toByteText } from './byte-text.js';
import { Problems } from './compile-error.js';
import { compileRedirect, compileRespond, type RedirectSpec, type RespondSpec } from './configured-responder.js';
import { RouteToStep } from './flow-steps.js';
import type { Responder } from './responder.js';
import type { Step } from './rule.js';
import { TargetStep } from './target-steps.js';
import { ConstantValue, compileValue } from './value.js';

/** Of respond, redirect, target and routeTo there is exactly one. */
export interface ErrorPageSpec {
  readonly status: readonly number[];
  readonly respond?: RespondSpec | undefined;
  readonly redirect?: RedirectSpec | undefined;
  /** A template of another target, which is asked for with GET and without a body. */
  readonly target?: string | undefined;
  /** The route of that name gets the request as it is. */
  readonly routeTo?: string | undefined;
  /** What status the client sees of what `target` or `routeTo` leads to; absent: the refusal's. */
  readonly as?: number | 'answer' | undefined;
  /** Answers of servers with these statuses are replaced as well. */
  readonly ofServers?: boolean | undefined;
  /** What `target` or `routeTo` leads to may be refused, and that be replaced in its turn. */
  readonly again?: boolean | undefined;
}

/** Another way through the routes. */
export interface Detour {
  /** Says where it goes: `routeAgain` by name, `goOn` by another target; `answer` when no request could have the target. */
  readonly step: Step;
  /** The request is made anew: GET, or still HEAD, and no body. */
  readonly asksAnew: boolean;
  /** The status that the client sees; KEEPS_STATUS: that of the refusal; 0: that of the answer. */
  readonly status: number;
  readonly mayRepeat: boolean;
}

/** See {@link Detour.status}. */
export const KEEPS_STATUS = -1;

export interface ErrorPage {
  /** Exactly one of the two is not null. */
  readonly responder: Responder | null;
  readonly detour: Detour | null;
  readonly isForServers: boolean;
}

/** Error pages by status. */
export class ErrorPages {
  private readonly byStatus: ReadonlyMap<number, ErrorPage>;
  /** Whether any of them is a detour: the request is then kept as it was before the route changed it. */
  readonly haveDetours: boolean;
  /** Whether any of them is for servers' answers. */
  readonly areForServers: boolean;

  constructor(byStatus: ReadonlyMap<number, ErrorPage>) {
    this.byStatus = byStatus;
    const pages = [...byStatus.values()];
    this.haveDetours = pages.some((page) => page.detour !== null);
    this.areForServers = pages.some((page) => page.isForServers);
  }

  find(status: number): ErrorPage | null {
    return this.byStatus.get(status) ?? null;
  }
}

/** Of several pages for a status the first counts. Throws CompileError. */
export function compileErrorPages(specs: readonly ErrorPageSpec[]): ErrorPages {
  const byStatus = new Map<number, ErrorPage>();
  for (const spec of specs) {
    const page = compileErrorPage(spec);
    for (const status of spec.status) if (!byStatus.has(status)) byStatus.set(status, page);
  }
  return new ErrorPages(byStatus);
}

const kinds = ['respond', 'redirect', 'target', 'routeTo'] as const;

/** Throws CompileError with every problem. */
export function compileErrorPage(spec: ErrorPageSpec): ErrorPage {
  const problems = new Problems();
  const given = kinds.filter((kind) => spec[kind] !== undefined);
  if (given.length === 0) problems.add([], 'the error page is missing; write one of "respond", "redirect", "target" or "routeTo"');
  if (given.length > 1) problems.add([given[1]!], `there is one page for a status; leave out "${given[0]}" or "${given[1]}"`);
  const { respond, redirect, target, routeTo } = spec;
  const responder =
    respond !== undefined
      ? problems.attempt(['respond'], () => compileRespond(respond))
      : redirect !== undefined
        ? problems.attempt(['redirect'], () => compileRedirect(redirect))
        : null;
  const step =
    target !== undefined
      ? problems.attempt(['target'], () => new TargetStep(compileValue(target)))
      : routeTo !== undefined
        ? new RouteToStep(new ConstantValue(toByteText(routeTo)))
        : null;
  if (responder !== null && spec.as !== undefined)
    problems.add(['as'], 'only "target" and "routeTo" lead to an answer with a status of its own');
  if (responder !== null && spec.again !== undefined) problems.add(['again'], 'only "target" and "routeTo" lead to what may be refused');
  problems.throwIfAny();
  const detour = step === null ? null : { step, asksAnew: target !== undefined, status: statusOf(spec.as), mayRepeat: spec.again === true };
  return { responder, detour, isForServers: spec.ofServers === true };
}

function statusOf(as: ErrorPageSpec['as']): number {
  if (as === 'answer') return 0;
  return as ?? KEEPS_STATUS;
}
