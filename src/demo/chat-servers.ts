// The demo's chat servers as processes: starts and kills them, passes chat lines between them, and carries out
// what the page's buttons ask. It keeps one of them alive, because the page comes from them.

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChatLine, ChatServerOptions, Entrance, FromChatServer, ServerState, ToChatServer, Verdict } from './messages.js';
import type { PlannedServer } from './plan.js';

const program = fileURLToPath(new URL('./chat-server.js', import.meta.url));
const maxHistoryLines = 50;

export interface ChatServersOptions {
  readonly servers: readonly PlannedServer[];
  readonly cookieName: string;
  readonly entrances: readonly Entrance[];
  /** Told in one line what happens to the servers. */
  readonly say: (line: string) => void;
}

/** A server of the plan with its process, if it has one. */
interface Member {
  readonly planned: PlannedServer;
  process: ChildProcess | null;
  state: ServerState['state'];
  sessions: number;
}

/** A stop that waits until `asked` has answered control request `id`. */
interface PlannedStop {
  readonly asked: ChildProcess;
  readonly id: number;
  readonly member: Member;
}

export class ChatServers {
  readonly #options: ChatServersOptions;
  readonly #members: Member[];
  readonly #history: ChatLine[] = [];
  // A stop waits until the server that was asked has answered the page: it may be the one to be killed.
  readonly #stopsToCome: PlannedStop[] = [];
  #isUp = false;

  constructor(options: ChatServersOptions) {
    this.#options = options;
    this.#members = options.servers.map((planned) => ({ planned, process: null, state: 'stopped', sessions: 0 }));
  }

  /** Starts all of them. Resolves when they listen; rejects with one line for a person when one cannot. */
  async start(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#startMember(member)));
    this.#isUp = true;
  }

  /** Kills all of them; none is started again. */
  stop(): void {
    this.#isUp = false;
    for (const member of this.#members) member.process?.kill('SIGKILL');
  }

  #startMember(member: Member): Promise<void> {
    const { name, host, port } = member.planned;
    const { cookieName, entrances } = this.#options;
    const options: ChatServerOptions = { name, host, port, cookieName, entrances, history: this.#history };
    const child = fork(program, [JSON.stringify(options)]);
    member.process = child;
    member.state = 'starting';
    this.#tellServers();
    return new Promise((resolve, reject) => {
      let failure = 'ended before it listened';
      child.on('error', (error) => {
        failure = error.message;
      });
      child.on('message', (message: FromChatServer) => {
        if (message.kind === 'failed') failure = message.code === 'EADDRINUSE' ? 'the port is in use by another program' : message.code;
        if (message.kind === 'listening') resolve();
        this.#onMessage(member, child, message);
      });
      child.on('exit', () => {
        reject(new Error(`chat server ${name} at ${member.planned.address}: ${failure}`));
        this.#onExit(member, child);
      });
    });
  }

  #onMessage(member: Member, child: ChildProcess, message: FromChatServer): void {
    switch (message.kind) {
      case 'listening':
        member.state = 'running';
        this.#tellServers();
        break;
      case 'sessions':
        member.sessions = message.count;
        this.#tellServers();
        break;
      case 'line':
        this.#history.push(message.line);
        if (this.#history.length > maxHistoryLines) this.#history.shift();
        this.#tellAll(message);
        break;
      case 'control':
        this.#onControl(child, message);
        break;
      case 'answered':
        this.#killAsAsked(child, message.id);
        break;
      case 'failed':
        break;
    }
  }

  #onExit(member: Member, child: ChildProcess): void {
    const hadRun = member.state === 'running';
    member.process = null;
    member.state = 'stopped';
    member.sessions = 0;
    if (!this.#isUp) return;
    if (hadRun) this.#options.say(`chat server ${member.planned.name} has stopped`);
    for (const stop of this.#stopsToCome.filter(({ asked }) => asked === child)) this.#killAsAsked(child, stop.id);
    this.#tellServers();
    // Only from outside can the last one be killed. Without any, the page would have no buttons to press.
    if (hadRun && this.#members.every(({ state }) => state === 'stopped')) this.#startAgain(member);
  }

  #startAgain(member: Member): void {
    this.#startMember(member).then(
      () => this.#options.say(`chat server ${member.planned.name} runs again`),
      (error: Error) => this.#options.say(error.message),
    );
  }

  #onControl(asked: ChildProcess, control: FromChatServer & { kind: 'control' }): void {
    const verdict = this.#judge(asked, control);
    tell(asked, { kind: 'verdict', id: control.id, verdict });
  }

  #judge(asked: ChildProcess, control: FromChatServer & { kind: 'control' }): Verdict {
    const { server: name, action, id } = control;
    const member = this.#members.find((candidate) => candidate.planned.name === name);
    if (member === undefined) return { status: 404, message: `There is no server ${name}.` };
    if (action === 'start') {
      if (member.state !== 'stopped') return { status: 409, message: `${name} is running already.` };
      this.#startAgain(member);
      return { status: 202, message: `${name} is starting.` };
    }
    if (member.state !== 'running') return { status: 409, message: `${name} is not running.` };
    const survivors = this.#members.filter((other) => other !== member && other.state === 'running' && !this.#isToStop(other));
    if (survivors.length === 0) return { status: 409, message: `${name} is the last server running: start another one first.` };
    this.#stopsToCome.push({ asked, id, member });
    return { status: 202, message: `${name} is stopping.` };
  }

  #isToStop(member: Member): boolean {
    return this.#stopsToCome.some((stop) => stop.member === member);
  }

  #killAsAsked(asked: ChildProcess, id: number): void {
    const index = this.#stopsToCome.findIndex((stop) => stop.asked === asked && stop.id === id);
    if (index === -1) return;
    const [{ member }] = this.#stopsToCome.splice(index, 1);
    // No farewell: what the page then shows is what a crash of the server looks like.
    member.process?.kill('SIGKILL');
  }

  #tellServers(): void {
    const servers = this.#members.map(({ planned, state, sessions }) => ({
      name: planned.name,
      address: planned.address,
      state,
      sessions,
    }));
    this.#tellAll({ kind: 'servers', servers });
  }

  #tellAll(message: ToChatServer): void {
    for (const { process: child } of this.#members) if (child !== null) tell(child, message);
  }
}

function tell(child: ChildProcess, message: ToChatServer): void {
  // The process may have gone a moment ago; its exit event tells.
  child.send(message, () => {});
}
