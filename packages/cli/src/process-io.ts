import { homedir, userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { askSecret } from './ask-secret.ts'
import { EXIT } from './exit-codes.ts'
import type { Io } from './io.ts'

/** The process's own terminal and environment. */
export function createProcessIo(): Io {
  const { env, stdout, stderr } = process
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader of a pipe went away, as `head` does: nobody is left to tell.
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: stdout.isTTY === true && !plain,
    bar: stderr.isTTY === true && env['TERM'] !== 'dumb',
    columns: stdout.isTTY === true ? stdout.columns : undefined,
    env,
    homeFolder: orElse(homedir, '/'),
    userName: orElse(() => userInfo().username, 'unnamed user'),
    nowMs: Date.now,
    askSecret,
    openNode: async (options) => {
      const { openNode } = await import('@entente/node')
      // A verb that works at the folder by itself ends with the error; one that serves would go on.
      const onUncertain = ({ message }: Error) => {
        stderr.write(`entente: ${message} (DATABASE_UNCERTAIN)\n`)
        process.exit(EXIT.fault)
      }
      return openNode({ ...options, ...((options.network || options.offline) && { onUncertain }) })
    },
    onInterrupt: (act) => {
      const stop = () => {
        act()
        process.exit(EXIT.interrupted)
      }
      process.once('SIGINT', stop)
      return () => void process.off('SIGINT', stop)
    },
    confirm: async (question) => {
      if (process.stdin.isTTY !== true || stderr.isTTY !== true) return null
      const lines = createInterface({ input: process.stdin, output: stderr })
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
      } finally {
        lines.close()
      }
    },
    stopped: () =>
      new Promise((resolve) => {
        // Once only: a second signal ends the process as if nobody listened.
        const stop = (signal: 'SIGINT' | 'SIGTERM') => {
          process.off('SIGINT', stop)
          process.off('SIGTERM', stop)
          resolve(signal)
        }
        process.on('SIGINT', stop)
        process.on('SIGTERM', stop)
        // Whoever started us over a channel is gone, and with it the reason to serve.
        process.once('disconnect', () => stop('SIGTERM'))
        process.channel?.unref()
      }),
  }
}

/** A container may run as a user that the system does not know. */
function orElse(ask: () => string, otherwise: string): string {
  try {
    return ask()
  } catch {
    return otherwise
  }
}
