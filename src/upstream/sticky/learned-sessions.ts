// What the policies that learn have in common: sessions in a table of the store, by a name that the policy takes from the
// client or the server. It asks and understands answers; what a name is, and when it is bound, is the policy's matter.
import type { SessionAnswer, SessionTable, StoreAsker } from '../../store/store.js';
import { binding } from '../binding.js';
import type { Server } from '../server.js';
import { type StickyFinding, type StoreUser, sessionKey, storeQuestion } from './sticky-policy.js';

/** Workers that differ in what they think of servers must not bind one client back and forth for ever. */
const MAX_CLAIMS = 3;

const nobody: StoreAsker<SessionAnswer> = { onStoreAnswer: () => {} };

export class LearnedSessions implements StoreUser {
  private readonly serverOf: ReadonlyMap<string, Server>;

  /** `onClash`: a server gave its client a session name under which another server (`holder`) has a session already. */
  constructor(
    private readonly table: SessionTable,
    servers: readonly Server[],
    private readonly onClash: (server: string, holder: string) => void,
  ) {
    this.serverOf = new Map(servers.map((server) => [server.name, server]));
  }

  /** Asks who holds the session `name`; if nobody does, for `others` in turn. */
  lookUp(finding: StickyFinding, name: string, others: readonly string[]): void {
    finding.name = name;
    finding.others = others;
    finding.key = sessionKey.unknown;
    finding.beginAsking(this, storeQuestion.lookUp);
    this.table.lookUp(name, finding);
  }

  /** Binds the session of the finding to `server`, in place of whoever holds it. False: nothing can be bound. */
  claim(finding: StickyFinding, server: Server): boolean {
    if (finding.isUncertain || finding.name === '' || finding.claims === MAX_CLAIMS) return false;
    finding.claims++;
    finding.claimant = server.name;
    finding.beginAsking(this, storeQuestion.claim);
    if (finding.holder === '') this.table.bind(finding.name, server.name, false, finding);
    else this.table.rebind(finding.name, finding.holder, server.name, finding);
    return true;
  }

  /** `server` has given its client the session `name`. Pending until the client comes back with it and is answered well. */
  learn(finding: StickyFinding, name: string, server: Server): void {
    finding.name = name;
    finding.claimant = server.name;
    finding.beginAsking(this, storeQuestion.learn);
    this.table.bind(name, server.name, false, finding);
  }

  /** The same for a session that nobody waits for. */
  learnBeside(name: string, server: Server): void {
    this.table.bind(name, server.name, false, nobody);
  }

  /** A server has answered well in this session. */
  confirm(finding: StickyFinding): void {
    if (!finding.isPending) return;
    finding.isPending = false;
    this.table.confirm(finding.name);
  }

  forget(finding: StickyFinding): void {
    this.table.forget(finding);
  }

  takeAnswer(finding: StickyFinding, answer: SessionAnswer): void {
    if (!answer.isCertain) {
      finding.isUncertain = true;
    } else if (answer.server !== null) {
      this.takeHolder(finding, answer.server, answer.isConfirmed);
    } else if (finding.others.length > 0) {
      this.lookUp(finding, finding.others[0]!, finding.others.slice(1));
    }
  }

  private takeHolder(finding: StickyFinding, holder: string, isConfirmed: boolean): void {
    const isOurs = finding.claimant === holder;
    if (finding.question === storeQuestion.learn && !isOurs) this.onClash(finding.claimant, holder);
    if (finding.question !== storeQuestion.claim || !isOurs) finding.standing = binding.bound;
    else finding.standing = finding.server === null || finding.standing === binding.new ? binding.new : binding.rebound;
    finding.holder = holder;
    finding.isPending = !isConfirmed;
    // A server that a reload has removed is nobody's any more.
    finding.server = this.serverOf.get(holder) ?? null;
    finding.key = finding.server === null ? sessionKey.unknown : sessionKey.known;
  }
}
