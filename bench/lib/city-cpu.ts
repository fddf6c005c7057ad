/** CPU and memory of processes, from /proc: who used the cores while a bench ran. Linux only; it must never know what they do. */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const TICKS_PER_S = 100;
const KIB_PER_MIB = 1_024;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Its own and that of its children that have ended. */
  readonly cpuS: number;
}

export interface CpuSeconds {
  /** Of one process with all its threads. */
  readonly server: number;
  readonly postgres: number;
  /** All other processes that this one has started, and itself. */
  readonly generators: number;
  /** Of the whole machine, since some moment. */
  readonly busy: number;
  readonly idle: number;
}

/** Processes that ended and belong to somebody else count as busy only. */
export function cpuSeconds(serverPid: number): CpuSeconds {
  const processes = everybody();
  const mine = new Set([process.pid]);
  // A child has a greater id than its parent but where ids begin anew; twice is enough for that.
  for (let round = 0; round < 2; round++) for (const { pid, parent } of processes) if (mine.has(parent)) mine.add(pid);
  let [server, postgres, generators] = [0, 0, 0];
  for (const { pid, name, cpuS } of processes) {
    if (!mine.has(pid)) continue;
    if (pid === serverPid) server += cpuS;
    else if (name === 'postgres') postgres += cpuS;
    else generators += cpuS;
  }
  const times = cpus().map((cpu) => cpu.times);
  // What interrupts and the host of a virtual machine take is in neither sum of Node, so busy is what was not idle.
  const idle = times.reduce((sum, time) => sum + time.idle, 0) / 1_000;
  return { server, postgres, generators, busy: (times.length * performance.now()) / 1_000 - idle, idle };
}

export function rssMibOf(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KIB_PER_MIB);
}

function everybody(): Process[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids
    .sort((a, b) => a - b)
    .flatMap((pid) => {
      const match = /^\d+ \((.*)\) \S (.*)$/s.exec(statOf(pid));
      if (match === null) return [];
      const fields = (match[2] ?? '').split(' ').map(Number);
      const cpuTicks = [10, 11, 12, 13].reduce((sum, field) => sum + (fields[field] ?? 0), 0);
      return [{ pid, parent: fields[0] ?? 0, name: match[1] ?? '', cpuS: cpuTicks / TICKS_PER_S }];
    });
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
