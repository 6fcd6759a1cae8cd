// What nginx refuses of directives that are sound by themselves and not together, where they leave no trace in the document.
import type { TranslationBuilder } from '../translation-builder.js';
import type { Statement } from './statements.js';
import { parseSize } from './units.js';
import { hasVariable } from './variables.js';

/** A whole file's. Values that are no sizes are reported elsewhere. */
export function judgeTogether(statements: readonly Statement[], builder: TranslationBuilder): void {
  for (const { name, block } of statements) {
    if (block === null || (name !== 'http' && name !== 'stream')) continue;
    if (name === 'http') judgeBuffers(block, new Map(), builder);
    if (name === 'http') judgeBlocks(block, null, builder);
    judgeZones(block, builder);
  }
}

const bufferNames = [
  'proxy_buffers',
  'proxy_buffer_size',
  'proxy_busy_buffers_size',
  'proxy_temp_file_write_size',
  'proxy_max_temp_file_size',
];

/** A memory page: nginx's buffers have its size when nothing is said. */
const PAGE = 4096;

/** How the buffers for a server's answers fit each other, in a block and those inside. */
function judgeBuffers(block: readonly Statement[], around: ReadonlyMap<string, Statement>, builder: TranslationBuilder): void {
  const own = block.filter(({ name }) => bufferNames.includes(name));
  const inForce = new Map([...around, ...own.map((statement) => [statement.name, statement] as const)]);
  if (own.length > 0) judgeSizes(inForce, builder);
  for (const { name, block: inner } of block)
    if (inner !== null && ['server', 'location', 'if'].includes(name)) judgeBuffers(inner, inForce, builder);
}

function judgeSizes(inForce: ReadonlyMap<string, Statement>, builder: TranslationBuilder): void {
  const sizeOf = (name: string, absent: number, at = 0) => {
    const statement = inForce.get(name);
    return statement === undefined ? absent : (parseSize(statement.args[at]?.text ?? '') ?? absent);
  };
  const refuse = (names: readonly string[], message: string) => {
    const place = names.map((name) => inForce.get(name)?.place).find((found) => found !== undefined);
    if (place !== undefined) builder.refuse(place, message);
  };
  const [count, bytes] = [sizeOf('proxy_buffers', 8), sizeOf('proxy_buffers', PAGE, 1)];
  const largest = Math.max(sizeOf('proxy_buffer_size', PAGE), bytes);
  const busy = sizeOf('proxy_busy_buffers_size', 2 * largest);
  const spilt = sizeOf('proxy_max_temp_file_size', 2 ** 30);
  const atLeast = `write at least ${largest}, the larger of "proxy_buffer_size" and one of "proxy_buffers"`;
  if (count < 2) refuse(bufferNames, 'there must be at least 2 "proxy_buffers"; write 8 4k');
  else if (busy < largest) refuse(['proxy_busy_buffers_size'], `"proxy_busy_buffers_size" is too small; ${atLeast}`);
  else if (busy > (count - 1) * bytes)
    refuse(
      ['proxy_busy_buffers_size', 'proxy_buffers', 'proxy_buffer_size'],
      `"proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer; write at most ${(count - 1) * bytes}, or more buffers`,
    );
  if (sizeOf('proxy_temp_file_write_size', largest) < largest)
    refuse(['proxy_temp_file_write_size'], `"proxy_temp_file_write_size" is too small; ${atLeast}`);
  if (spilt !== 0 && spilt < largest)
    refuse(['proxy_max_temp_file_size', 'proxy_buffer_size'], `"proxy_max_temp_file_size" is too small; write 0, or ${atLeast.slice(6)}`);
}

/** What is said of the block that it stands in. `around`: the pool of a connection in force there. */
function judgeBlocks(block: readonly Statement[], around: Statement | null, builder: TranslationBuilder): void {
  const pool = block.find(({ name }) => name === 'connection_pool_size') ?? around;
  let passes: Statement | null = null;
  for (const statement of block) {
    const { name, args, block: inner, place } = statement;
    if (name === 'large_client_header_buffers' && (parseSize(args[1]?.text ?? '') ?? POOL) < (parseSize(pool?.args[0]?.text ?? '') ?? POOL))
      builder.refuse(place, 'a buffer of "large_client_header_buffers" cannot be smaller than "connection_pool_size"; write a larger one');
    if (name === 'proxy_pass') passes = statement;
    if (name === 'proxy_redirect' && args.length === 1 && args[0]!.text === 'default') judgeStandard(place, passes, builder);
    if (name === 'types')
      for (const { block: unexpected, place: at } of inner ?? [])
        if (unexpected !== null) builder.refuse(at, 'unexpected "{" in "types"; write a type and its endings');
    if (inner !== null && ['server', 'location', 'if'].includes(name)) judgeBlocks(inner, pool, builder);
  }
}

/** The pool of a connection when nothing is said. */
const POOL = 512;

function judgeStandard(place: Statement['place'], passes: Statement | null, builder: TranslationBuilder): void {
  if (passes === null) builder.refuse(place, '"proxy_redirect default" should be placed after the "proxy_pass" directive; write it there');
  else if (hasVariable(passes.args[0]?.text ?? ''))
    builder.refuse(
      place,
      '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables; write what is replaced by what',
    );
}

/** A zone has its size from one of the upstreams that share it. */
function judgeZones(block: readonly Statement[], builder: TranslationBuilder): void {
  const zones = block
    .filter(({ name }) => name === 'upstream')
    .flatMap((upstream) => (upstream.block ?? []).filter(({ name }) => name === 'zone'));
  const sized = new Set(zones.filter(({ args }) => args.length > 1).map(({ args }) => args[0]!.text));
  for (const { args, place } of zones) {
    const [name] = args.map(({ text }) => text);
    if (name !== undefined && !sized.has(name)) builder.refuse(place, `zero size shared memory zone "${name}"; write a size, such as 64k`);
  }
}
