// How an exchange stands to the server it goes to: what the sticky policy writes and the access log shows.

/**
 * - `none`: the upstream is not sticky.
 * - `bound`: the client came with a session at this server.
 * - `new`: the client had no session; this exchange gives it one.
 * - `rebound`: the client had a session at a server that does not take it any more; this exchange moves it.
 */
export const binding = { none: 0, bound: 1, new: 2, rebound: 3 } as const;
export type Binding = (typeof binding)[keyof typeof binding];

/** The words of logs and metrics, by {@link Binding}. */
export const bindingNames = ['none', 'bound', 'new', 'rebound'] as const;
