import type { NodeApi } from '@entente/node'

/** The terminal, the environment and the way to a node: all the effects a verb has. */
export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Stdout takes bold text. */
  readonly colour: boolean
  /** Stderr is a terminal that can show a bar. */
  readonly bar: boolean
  /** Width of stdout when it is a terminal. */
  readonly columns: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  readonly userName: string
  readonly nowMs: () => number
  /** Asks at the terminal without showing what is typed; null: there is none, or nobody answers. */
  readonly askSecret: (question: string) => string | null
  readonly openNode: (options: {
    readonly folder: string
    readonly network: boolean
    readonly alone?: boolean
    readonly offline?: boolean
    /** As `NodeOptions` says. */
    readonly stood?: boolean | undefined
    readonly resumedAt?: number | undefined
    readonly onReopen?: () => void
  }) => Promise<NodeApi & AsyncDisposable>
  /** Does this when somebody interrupts, then ends the process with 130. @returns what takes that back */
  readonly onInterrupt: (act: () => void) => () => void
  /** Asks a person at the terminal. @returns null when nobody is there to answer */
  readonly confirm: (question: string) => Promise<boolean | null>
  /** Resolves when the process is asked to stop. */
  readonly stopped: () => Promise<'SIGINT' | 'SIGTERM'>
}
