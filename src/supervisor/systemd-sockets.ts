// The sockets that systemd has bound for this program and passed to it (sd_listen_fds): descriptors from 3 on, by name.

const FIRST_FD = 3;

/** Descriptors by name, in order. Takes the variables away, so that programs which we start do not mistake them for theirs. */
export function takeSystemdSockets(environment: NodeJS.ProcessEnv, pid: number): Map<string, number[]> {
  const { LISTEN_PID: forPid, LISTEN_FDS: count = '', LISTEN_FDNAMES: names = '' } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  const byName = new Map<string, number[]>();
  if (Number(forPid) !== pid || !/^\d{1,4}$/.test(count)) return byName;
  const nameList = names.split(':');
  for (let index = 0; index < Number(count); index++) {
    // What systemd itself calls a socket without a name.
    const name = nameList[index] || 'unknown';
    byName.set(name, [...(byName.get(name) ?? []), FIRST_FD + index]);
  }
  return byName;
}
