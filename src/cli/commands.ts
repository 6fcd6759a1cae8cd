// The commands and their options: one table from which the command line is read and the help is written.

export interface OptionDescription {
  /** What stands for the value in the help; absent where the option takes none. */
  readonly value?: string;
  readonly meaning: string;
}

export interface CommandDescription {
  readonly summary: string;
  /** What stands after the name, as the help shows it. */
  readonly operands: string;
  readonly options: Readonly<Record<string, OptionDescription>>;
  /** Paragraphs of its help page. */
  readonly explanation: readonly string[];
  readonly examples: readonly string[];
}

export const defaultConfigFile = 'proxy.config.json';

export const commands = {
  run: {
    summary: 'Run the proxy.',
    operands: '[FILE]',
    options: {
      workers: { value: 'N|auto', meaning: 'How many worker processes, whatever the file says; auto: one for each processor.' },
      'pid-file': { value: 'PATH', meaning: 'Write the process id there once everything listens; remove the file at the end.' },
      lenient: { meaning: 'What an nginx.conf or a haproxy.cfg says and Limpet cannot do is a warning, and left out.' },
      watch: { meaning: 'Read the configuration anew whenever its file, or a certificate that it names, has changed.' },
    },
    explanation: [
      `Reads the configuration FILE (default: ${defaultConfigFile}; an nginx.conf or a haproxy.cfg will do), listens, and passes requests and connections on until it is told to stop.`,
      'SIGTERM, SIGINT and SIGQUIT let what is under way finish until shutdownTimeout; a second one ends at once.',
      'SIGHUP has the configuration read anew. If that is not sound, the log says why and nothing changes. SIGUSR1 has the logs opened anew, after a rotation. SIGUSR2 has the program replaced by what is on disk, without a dropped connection.',
    ],
    examples: ['limpet run', 'limpet run /etc/limpet/proxy.config.json --workers auto --pid-file /run/limpet.pid'],
  },
  reload: {
    summary: 'Have a running Limpet read its configuration anew.',
    operands: '',
    options: {
      'pid-file': { value: 'PATH', meaning: 'The file that `limpet run` was told to write its process id to.' },
    },
    explanation: [
      'Sends SIGHUP to the running Limpet and waits for what comes of it: prints what has changed and exits with 0. If the configuration cannot be used, nothing changes: prints every problem and exits with 1.',
    ],
    examples: ['limpet reload --pid-file /run/limpet.pid'],
  },
  upgrade: {
    summary: 'Have a running Limpet replaced by the program as it is on disk now.',
    operands: '',
    options: {
      'pid-file': { value: 'PATH', meaning: 'The file that `limpet run` was told to write its process id to.' },
    },
    explanation: [
      'Sends SIGUSR2 to the running Limpet, which starts the program anew with the same command line and hands it the listening sockets. When the new process is ready it takes over, and the old one finishes what it has until shutdownTimeout: nobody is sent away, and connections stay open. The config is read anew as well.',
      'Prints which process has taken over and exits with 0, or prints what has kept it from that and exits with 1. Then nothing has happened.',
    ],
    examples: ['limpet upgrade --pid-file /run/limpet.pid'],
  },
  check: {
    summary: 'Check a configuration and say what it would do.',
    operands: '[FILE]',
    options: {
      lenient: { meaning: 'What an nginx.conf or a haproxy.cfg says and Limpet cannot do is a warning, and left out.' },
    },
    explanation: [
      `Reads the configuration FILE (default: ${defaultConfigFile}) and the certificates that it names, and changes nothing.`,
      'If all is well, prints the listeners with their routes in the order in which they are tried, the upstreams with their servers, and the timeouts that hold, and exits with 0. If not, prints every problem as file:line:column with what to write instead, and exits with 1.',
    ],
    examples: ['limpet check', 'limpet check staging.config.json', 'limpet check /etc/haproxy/haproxy.cfg'],
  },
  convert: {
    summary: 'Turn an nginx.conf or a haproxy.cfg into a proxy.config.json.',
    operands: 'FILE',
    options: {
      lenient: { meaning: 'What an nginx.conf or a haproxy.cfg says and Limpet cannot do is a warning, and left out.' },
    },
    explanation: [
      'Prints the proxy.config.json that means the same as FILE, with comments that say where each part came from. What could not be carried over stands on standard error, with its line. The result checks and runs as FILE itself does.',
    ],
    examples: ['limpet convert /etc/nginx/nginx.conf > proxy.config.json'],
  },
  demo: {
    summary: 'See sticky sessions at work: chat servers behind the proxy.',
    operands: '[FILE]',
    options: {},
    explanation: [
      `Starts small SockJS chat servers where the http listeners of the configuration FILE lead (default: ${defaultConfigFile}), line servers where its tcp listeners lead, and Limpet in front of them. Open the printed address in a browser: the page shows which server it is stuck to, over which transport, and can stop and start servers. Ctrl-C ends everything.`,
      'certs/dev.crt and certs/dev.key are made beside FILE when they are missing. It needs a clone of the repository with its development packages: `npm start` there runs the same demo.',
    ],
    examples: ['limpet demo'],
  },
} as const satisfies Record<string, CommandDescription>;

export type CommandName = keyof typeof commands;

export const commandNames = Object.keys(commands) as CommandName[];

/** What the process ends with. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
} as const;
