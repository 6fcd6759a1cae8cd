// error_page: what stands in place of nginx's own errors, and with proxy_intercept_errors of servers' answers.
import type { LocationParts } from './location-parts.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';

type Written = Record<string, unknown>;

const redirectStatuses = [301, 302, 303, 307, 308];
/** What has no body cannot be the status of a page. */
const bodiless = [204, 205, 304];
/** Statuses of TLS, which nginx has for itself alone. */
const ownStatuses = [494, 495, 496, 497];

/** The "errorPages" for what is in force at `scope`; the first page for a status counts. */
export function errorPages(scope: Scope, parts: LocationParts): Written[] {
  const ofServers = scope.text('proxy_intercept_errors', 'off') === 'on';
  const again = scope.text('recursive_error_pages', 'off') === 'on';
  return scope.all('error_page').flatMap((statement) => {
    const status = statusesOf(statement, parts);
    const page = pageOf(statement, again, parts);
    if (status.length === 0 || page === null) return [];
    const { file, line } = statement.place;
    return [parts.builder.mark({ status, ...page, ...(ofServers ? { ofServers } : {}) }, statement.place, `${file}:${line} error_page`)];
  });
}

function statusesOf({ args, place }: Statement, { builder }: LocationParts): number[] {
  const written = args.slice(0, -1).filter(({ text }, index) => index < args.length - 2 || !text.startsWith('='));
  const statuses = written.map(({ text }) => (/^\d{3}$/.test(text) ? Number(text) : 0));
  for (const [index, status] of statuses.entries()) {
    if (status < 300 || status > 599 || status === 499)
      builder.refuse(place, `value "${written[index]!.text}" must be between 300 and 599, and not 499; write a status such as 404`);
    else if (status < 400 || ownStatuses.includes(status))
      builder.lack(place, `there are no pages for the status ${status}; write those from 400 to 599 that clients see`);
  }
  if (written.length === 0) builder.refuse(place, 'the error page has no status; write error_page 404 /404.html;');
  return statuses.filter((status) => status >= 400);
}

function pageOf({ args, place }: Statement, again: boolean, { builder, values, routeNames }: LocationParts): Written | null {
  const uri = args.at(-1)!.text;
  const overwrite = args.length > 2 && args.at(-2)!.text.startsWith('=') ? args.at(-2)!.text.slice(1) : null;
  if (overwrite !== null && /^\d+$/.test(overwrite) && overwrite.length !== 3) {
    builder.lack(place, `"=${overwrite}" is no status; write = and one of three digits, or = alone`);
    return null;
  }
  if (overwrite !== null && !/^\d*$/.test(overwrite)) {
    builder.refuse(place, `invalid value "=${overwrite}"; write = and a status, or = alone`);
    return null;
  }
  const status = Number(overwrite ?? '');
  if (isPath(uri) || uri.startsWith('@')) {
    if (bodiless.includes(status) || (status !== 0 && status < 200)) {
      builder.lack(place, `"=${overwrite}" is not supported: an answer with that status has no body; write = alone, and return it there`);
      return null;
    }
    const as = overwrite === null ? {} : { as: status === 0 ? 'answer' : status };
    const more = { ...as, ...(again ? { again } : {}) };
    if (!uri.startsWith('@')) return { target: values.template(uri, place), ...more };
    const name = routeNames.get(uri.slice(1));
    // As nginx, which looks for the location when it is needed.
    return name === undefined ? { respond: { status: 500 } } : { routeTo: name, ...more };
  }
  if (/^\$(?!scheme)/.test(uri)) {
    builder.lack(place, `whether "${uri}" is a path or a URL is not known beforehand; write "/" or "https://" in front`);
    return null;
  }
  return { redirect: { to: values.template(uri, place), status: redirectStatuses.includes(status) ? status : 302 } };
}

function isPath(uri: string): boolean {
  return uri.startsWith('/') || /^\$\{?(uri|document_uri|request_uri)\b/.test(uri);
}
