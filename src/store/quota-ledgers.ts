// The ledgers of all quotas by name, between the messages of the store and their calls.
import type { QuotaReply, QuotaRequest } from './messages.js';
import { type LedgerPort, QuotaLedger } from './quota-ledger.js';

export class QuotaLedgers {
  private readonly ledgers = new Map<string, QuotaLedger>();

  constructor(private readonly reply: (worker: number, reply: QuotaReply) => void) {}

  handle(worker: number, request: QuotaRequest): void {
    const ledger = this.ledgers.get(request.quota);
    switch (request.kind) {
      case 'openQuota':
        if (ledger === undefined) this.ledgers.set(request.quota, new QuotaLedger(request.limit, this.portOf(request.quota)));
        else ledger.setLimit(request.limit);
        break;
      case 'askQuota':
        ledger?.ask(worker, request.needed, request.extra);
        break;
      case 'giveBack':
        ledger?.giveBack(worker, request.amount, request.paid, request.isAnswer);
    }
  }

  leave(worker: number): void {
    for (const ledger of this.ledgers.values()) ledger.leave(worker);
  }

  round(): void {
    for (const ledger of this.ledgers.values()) ledger.round();
  }

  private portOf(quota: string): LedgerPort {
    return {
      grant: (worker, amount, isAnswer) => this.reply(worker, { kind: 'grant', quota, amount, isAnswer }),
      recall: (worker, amount, kept) => this.reply(worker, { kind: 'recall', quota, amount, kept }),
      owe: (worker, amount) => this.reply(worker, { kind: 'owe', quota, amount }),
    };
  }
}
