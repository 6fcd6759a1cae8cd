// What `npm test` prints: each failure when it happens and once more before the counts, so that the last screen tells
// what to look at, and the reason of everything that was skipped. What passes is counted, not listed.
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

type Failure = Extract<TestEvent, { type: 'test:fail' }>['data'];

function place({ file, line }: { file?: string; line?: number }): string {
  return file === undefined ? '' : `${relative(process.cwd(), file)}${line === undefined ? '' : `:${line}`}`;
}

/** The error that the test itself gave; the runner wraps it in one of its own. */
function reason({ details }: Failure): string {
  const { cause } = details.error;
  return inspect(cause instanceof Error ? cause : details.error).replaceAll(/^/gm, '    ');
}

/** A suite fails because a test in it does: that test is the one to tell of. */
function isOfItsTests({ details }: Failure): boolean {
  return (details.error as { failureType?: string }).failureType === 'subtestsFailed';
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Failure[] = [];
  const counts: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:fail' && !isOfItsTests(data)) {
      failures.push(data);
      yield `not ok: ${data.name} (${place(data)})\n${reason(data)}\n`;
    } else if (type === 'test:pass' && data.skip !== undefined) {
      yield `skipped: ${data.name} (${place(data)}): ${data.skip}\n`;
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      yield data.message;
    } else if (type === 'test:diagnostic') {
      // At the end the runner counts; before, tests have something to say.
      if (data.nesting === 0 && /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(data.message)) {
        counts.push(data.message);
      } else yield `${data.message}\n`;
    }
  }
  for (const failure of failures) yield `failed: ${failure.name} (${place(failure)})\n`;
  for (const count of counts) yield `# ${count}\n`;
}
