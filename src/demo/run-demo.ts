// The demo from start to end: the servers of the plan, Limpet in front of them, the addresses to try, and
// everything ended together. What is started, and where, stands in the configuration.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config/config.js';
import { ChatServers } from './chat-servers.js';
import type { EchoServer } from './echo-server.js';
import { startEchoServer } from './echo-server.js';
import { LimpetProcess } from './limpet-process.js';
import type { DemoPlan, PlannedServer } from './plan.js';
import { DemoError, planDemo } from './plan.js';

export interface DemoOptions {
  readonly configFile: string;
  /** The module that is Limpet's command line. */
  readonly limpetMain: string;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs until a signal ends it (true), or something could not be started or failed (false). Nothing it started is left. */
export async function runDemo(config: Config, options: DemoOptions): Promise<boolean> {
  const { configFile, complain } = options;
  try {
    const plan = planDemo(config);
    const takenPorts = await findTakenPorts(plan);
    for (const taken of takenPorts) complain(taken);
    return takenPorts.length === 0 && (await new Demo(options, plan).run());
  } catch (error) {
    if (!(error instanceof DemoError)) throw error;
    complain(`${configFile}: ${error.message}`);
    return false;
  }
}

/** One line for each port of the plan that somebody else has, or that this user may not open. */
async function findTakenPorts(plan: DemoPlan): Promise<string[]> {
  const wanted = [
    ...plan.listeners.map(({ entrance, bindHost, port }) => ({ what: `listener ${entrance.listener}`, host: bindHost, port })),
    ...plan.chatServers.map(({ name, host, port }) => ({ what: `chat server ${name}`, host, port })),
    ...plan.echoServers.map(({ name, host, port }) => ({ what: `echo server ${name}`, host, port })),
  ];
  const lines: string[] = [];
  for (const { what, host, port } of wanted) {
    const code = await tryToBind(host, port);
    if (code === 'EADDRINUSE')
      lines.push(`${what}: port ${port} is in use by another program; end that one, or change the address in the config`);
    else if (code === 'EACCES') lines.push(`${what}: no right to open port ${port}; take one from 1024 up`);
    else if (code !== null) lines.push(`${what}: cannot listen on ${host}, port ${port}: ${code}`);
  }
  return lines;
}

async function tryToBind(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(host === '' ? { port } : { host, port });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

class Demo {
  readonly #options: DemoOptions;
  readonly #plan: DemoPlan;
  readonly #chatServers: ChatServers;
  readonly #echoServers: EchoServer[] = [];
  #limpet: LimpetProcess | null = null;
  #endWithSignal: () => void = () => {};
  #isEnding = false;

  constructor(options: DemoOptions, plan: DemoPlan) {
    this.#options = options;
    this.#plan = plan;
    const entrances = plan.listeners.map(({ entrance }) => entrance);
    this.#chatServers = new ChatServers({ servers: plan.chatServers, cookieName: plan.cookieName, entrances, say: options.say });
  }

  async run(): Promise<boolean> {
    const signalled = new Promise<'signalled'>((resolve) => {
      this.#endWithSignal = () => resolve('signalled');
    });
    for (const signal of endSignals) process.on(signal, this.#onSignal);
    try {
      const outcome = await Promise.race([signalled, this.#runUntilFailure()]);
      return outcome === 'signalled';
    } finally {
      await this.#stop();
      for (const signal of endSignals) process.off(signal, this.#onSignal);
    }
  }

  readonly #onSignal = (): void => {
    if (this.#isEnding) this.#killAll();
    this.#isEnding = true;
    this.#endWithSignal();
  };

  async #runUntilFailure(): Promise<'failed'> {
    const { complain, configFile, limpetMain } = this.#options;
    try {
      await this.#startServers();
    } catch (error) {
      if (!this.#isEnding) complain((error as Error).message);
      return 'failed';
    }
    if (this.#isEnding) return 'failed';
    const limpet = new LimpetProcess(limpetMain, ['run', configFile]);
    this.#limpet = limpet;
    if (await limpet.isListening(this.#plan.listeners)) {
      this.#printAddresses();
      const code = await limpet.ended;
      if (!this.#isEnding) complain(`Limpet has ended unexpectedly${code === null ? '' : ` with exit code ${code}`}`);
    } else if (!this.#isEnding) {
      complain('Limpet did not start');
    }
    return 'failed';
  }

  async #startServers(): Promise<void> {
    await this.#chatServers.start();
    for (const { name, host, port } of this.#plan.echoServers) {
      const server = await startEchoServer(name, host, port);
      if (this.#isEnding) server.stop();
      else this.#echoServers.push(server);
    }
  }

  /** Servers first: with them the long connections end that Limpet would otherwise wait for. */
  async #stop(): Promise<void> {
    this.#isEnding = true;
    this.#chatServers.stop();
    for (const server of this.#echoServers) server.stop();
    await this.#limpet?.stop();
  }

  #killAll(): void {
    this.#chatServers.stop();
    this.#limpet?.kill();
  }

  #printAddresses(): void {
    const { say, configFile } = this.#options;
    const { listeners, chatServers, echoServers } = this.#plan;
    const hints = {
      http: 'the chat page',
      https: 'the same over TLS; the browser warns of its home-made certificate',
      tcp: 'lines over TCP, e.g. with nc',
    };
    const width = Math.max(...listeners.map(({ entrance }) => entrance.target.length));
    say('');
    say('Limpet demo is running.');
    say('');
    for (const { entrance } of listeners) say(`  ${entrance.target.padEnd(width)}  ${hints[entrance.kind]}`);
    say('');
    say(`  Behind it: chat servers ${listServers(chatServers)}${echoServers.length > 0 ? `; echo ${listServers(echoServers)}` : ''}.`);
    say(`  As configured in ${configFile}. Ctrl-C ends everything.`);
    say('');
  }
}

function listServers(servers: readonly PlannedServer[]): string {
  return servers.map(({ name, address }) => (name === address ? address : `${name} (${address})`)).join(', ');
}
