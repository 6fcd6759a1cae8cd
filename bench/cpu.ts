// Reads what processes and processors have spent, from Linux's /proc. It starts nothing and decides nothing.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface CpuTime {
  /** To the microsecond, where the kernel keeps it; else the sum of the other two. */
  readonly totalMs: number;
  /** In ticks of mostly 10 ms, rounded down. */
  readonly userMs: number;
  readonly systemMs: number;
}

export interface ProcessorTime {
  /** Everything but idle and waiting for a disk. */
  readonly busyMs: number;
  /** What the hypervisor gave to somebody else. */
  readonly stolenMs: number;
}

const msPerTick = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What a process and every process below it have spent, and those that these have waited for, as after a reload. */
export function cpuOfTree(rootPid: number): CpuTime {
  let totalMs = 0;
  let userMs = 0;
  let systemMs = 0;
  for (const pid of processTree(rootPid)) {
    const fields = statFields(pid);
    if (fields === undefined) continue;
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map((ticks) => Number(ticks) * msPerTick);
    // Threads that have ended are in the ticks only: stunnel has one for each connection.
    totalMs += Math.max(scheduledMs(pid), user + system) + endedUser + endedSystem;
    userMs += user + endedUser;
    systemMs += system + endedSystem;
  }
  return { totalMs, userMs, systemMs };
}

/** What was spent between two readings: the total is exact, and its parts stand to each other as their ticks do. */
export function cpuBetween(before: CpuTime, after: CpuTime): CpuTime {
  const totalMs = after.totalMs - before.totalMs;
  const userMs = after.userMs - before.userMs;
  const systemMs = after.systemMs - before.systemMs;
  const userShare = userMs + systemMs === 0 ? 0 : userMs / (userMs + systemMs);
  return { totalMs, userMs: totalMs * userShare, systemMs: totalMs * (1 - userShare) };
}

/** The time that a process's threads were on a processor, those that live; 0 where the kernel does not keep it. */
function scheduledMs(pid: number): number {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number((readProc(`${pid}/task/${thread}/schedstat`) ?? '0').split(' ')[0]);
    }
  } catch {
    // The process ended between the listing and the reading.
  }
  return nanoseconds / 1e6;
}

/** Time of the programs that this process started and that have ended, such as a load generator, in milliseconds. */
export function cpuMsOfEndedChildren(): number {
  const fields = statFields(process.pid) ?? [];
  return (Number(fields[13]) + Number(fields[14])) * msPerTick;
}

/** Resident memory of a process and of every process below it, in bytes; pages they share count once for each. */
export function residentBytesOfTree(rootPid: number): number {
  let total = 0;
  for (const pid of processTree(rootPid)) {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? '');
    if (match !== null) total += Number(match[1]) * 1024;
  }
  return total;
}

/** Open descriptors of a process and of every process below it. */
export function openDescriptorsOfTree(rootPid: number): number {
  let total = 0;
  for (const pid of processTree(rootPid)) {
    try {
      total += readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // The process ended between the listing and the reading.
    }
  }
  return total;
}

/** What one processor has done since the machine started. */
export function processorTime(cpu: number): ProcessorTime {
  const line = (readProc('stat') ?? '').split('\n').find((each) => each.startsWith(`cpu${cpu} `));
  if (line === undefined) throw new Error(`/proc/stat has no cpu${cpu}`);
  const [user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
  return { busyMs: (user + nice + system + irq + softirq) * msPerTick, stolenMs: steal * msPerTick };
}

/** The process and all its descendants, parents first. */
export function processTree(rootPid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(pid)?.[1]);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const tree = [rootPid];
  for (let index = 0; index < tree.length; index++) tree.push(...(childrenOf.get(tree[index]) ?? []));
  return tree;
}

/**
 * The fields of /proc/PID/stat from the state on: [1] is the parent, [11] user and [12] system ticks,
 * [13] and [14] those of children that have ended and been waited for.
 */
function statFields(pid: number): string[] | undefined {
  const text = readProc(`${pid}/stat`);
  // The command's name stands in parentheses and may hold spaces and parentheses itself.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return undefined; // The process ended between the listing and the reading.
  }
}
