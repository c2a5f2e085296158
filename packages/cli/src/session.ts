import { type NodeApi, type Progress, pathsOf, readConfig, withNode } from '@entente/node'
import type { Io } from './io.ts'
import { createProgress } from './progress.ts'
import { cleanAnswer } from './text.ts'

/** What one run of a verb has at hand. */
export interface Session {
  readonly io: Io
  readonly folder: string
  readonly json: boolean
  /** A command of ours as it can be copied: with the folder, where one was named. */
  readonly at: (command: string) => string
  /** Descriptor that passphrases are read from, as typed. */
  readonly passphraseFd: string | undefined
  /** Talk, on stderr. */
  readonly say: (line: string) => void
  readonly progress: Progress
  /** Works at the running node, or at one opened here when none runs: `offline`, one that signs without a network. */
  readonly atNode: <T>(
    work: (api: NodeApi) => Promise<T>,
    options?: { readonly offline?: boolean },
  ) => Promise<T>
  /** As `atNode`, for work that goes on where it was interrupted: that is said. */
  readonly atNodeInSteps: <T>(work: (api: NodeApi) => Promise<T>) => Promise<T>
}

export interface OwnedSession extends Session, Disposable {
  /** The line that an exercise node puts first, once a verb has been at the node; else null. */
  readonly exercise: () => string | null
}

export function createSession(
  io: Io,
  folder: string,
  json: boolean,
  passphraseFd?: string,
  at: Session['at'] = (command) => command,
): OwnedSession {
  const { report, stop } = createProgress(io, json)
  let exercise: string | null = null
  const atNode: Session['atNode'] = (work, { offline = false } = {}) => {
    exercise = readConfig(pathsOf(folder).config).exercise ?? null
    return withNode(folder, (options) => io.openNode({ ...options, offline }), work)
  }
  return {
    io,
    folder,
    json,
    at,
    passphraseFd,
    // As on stdout: what steers a terminal could draw other words over those that people compare.
    say: (line) => io.err(`${cleanAnswer(line)}\n`),
    progress: report,
    atNode,
    atNodeInSteps: async (work) => {
      const off = io.onInterrupt(() => {
        stop()
        io.err('stopped; the same command goes on\n')
      })
      try {
        return await atNode(work)
      } finally {
        off()
      }
    },
    exercise: () => exercise,
    [Symbol.dispose]: stop,
  }
}

/** The node's folder when none is named: flag, then `ENTENTE_FOLDER`, then the XDG data folder. */
export function folderOf(flag: string | undefined, { env, homeFolder }: Io): string {
  const named = flag ?? env['ENTENTE_FOLDER'] ?? ''
  if (named !== '') return named
  const data = env['XDG_DATA_HOME'] ?? ''
  return `${data === '' ? `${homeFolder}/.local/share` : data}/entente`
}
